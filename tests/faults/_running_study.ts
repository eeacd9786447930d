/** Studies that are caught at work, and runners that are killed there. */
import { join } from "node:path";
import { allProcesses, isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import { ended, pidsOf, runFolder, type Sandbox, start, until } from "../e2e/llem.ts";

/** A study whose nth run is fully at work. */
export interface RunningStudy {
  readonly child: Deno.ChildProcess;
  readonly dir: string;
  /** Of the run that is at work. */
  readonly folder: string;
}

/** Starts a study and waits until its nth run has written down its process ids, or another sign. */
export async function startStudy(
  box: Sandbox,
  study: string,
  { index = 1, out = "out", sign = "pids", args = [], options = {} }: {
    readonly index?: number;
    /** Folder of its own in the sandbox; two studies may run at the same time. */
    readonly out?: string;
    /** The file in the run's folder that says that it is at work. */
    readonly sign?: string;
    readonly args?: readonly string[];
    readonly options?: Deno.CommandOptions;
  } = {},
): Promise<RunningStudy> {
  const child = start(["run", study, "-o", join(box.dir, out), "--json", ...args], options);
  const dir = await until("the study directory", () => studyDirs(box, out)[0]);
  const folder = await until(`run ${index}`, () => runFolder(dir, index));
  await until(`${sign} of run ${index}`, () => Deno.statSync(join(folder, sign)).size > 0);
  return { child, dir, folder };
}

/** The study directories in a folder of a sandbox, oldest first. */
export function studyDirs(box: Sandbox, out = "out"): string[] {
  try {
    return [...Deno.readDirSync(join(box.dir, out))].map(({ name }) => join(box.dir, out, name)).sort();
  } catch {
    return [];
  }
}

/** Kills the runner so that its guard cannot act: what the worker left stays alive. Returns the pids of the run. */
export async function killWithoutGuard({ child, folder }: RunningStudy): Promise<number[]> {
  await killBoth(child);
  return pidsOf(folder);
}

/** Kills a runner and its guard, so that neither can act. */
export async function killBoth(child: Deno.ChildProcess): Promise<void> {
  const guard = [...allProcesses()].find(({ pid, ppid }) =>
    ppid === child.pid && nameOf(pid) === "llem-guard"
  );
  if (guard === undefined) throw new Error("the guard cannot be found");
  Deno.kill(guard.pid, "SIGSTOP");
  child.kill("SIGKILL");
  await ended(child);
  Deno.kill(guard.pid, "SIGKILL");
}

/** Kills a runner and its worker's group, and waits until nothing of them is left. */
export async function killRunner({ child, folder }: RunningStudy): Promise<void> {
  child.kill("SIGKILL");
  await ended(child);
  const pids = pidsOf(folder);
  await until("the worker is gone", () => pids.every((pid) => !isAlive(readProcStat(pid))));
}

/** `$0` of a shell script that was started with `sh -c SCRIPT NAME`. */
function nameOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").at(-2) ?? "";
  } catch {
    return "";
  }
}
