/** A real Slurm on this machine alone: the project's own cluster for tests, never one that others use. */
import { dirname, join } from "node:path";
import { ROOT } from "../e2e/llem.ts";
import type { Need } from "./needs.ts";

const SCRIPTS = join(dirname(ROOT), "shared", "slurm");

/** Starts the cluster where it is not running; it is stopped when the test file ends. */
export const SLURM: Need = {
  what: "root and the private Slurm of ../shared/slurm",
  isMet: () => {
    if (Deno.uid() !== 0 || !isFile(join(SCRIPTS, "start-cluster.sh"))) return false;
    const isUp = run("start-cluster.sh");
    if (isUp) globalThis.addEventListener("unload", () => void run("stop-cluster.sh"));
    return isUp;
  },
};

/** Runs one of Slurm's commands and returns what it prints. Throws what it says where it fails. */
export async function slurm(name: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(name, { args: [...args], stdin: "null" })
    .output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${name} ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout).trim();
}

/** State and exit code of a job as scontrol tells them, such as `COMPLETED 0:0`. */
export async function jobState(id: string): Promise<string> {
  const text = await slurm("scontrol", "show", "job", id);
  return `${/JobState=(\S+)/.exec(text)?.[1]} ${/ExitCode=(\S+)/.exec(text)?.[1]}`;
}

function run(script: string): boolean {
  const { success } = new Deno.Command(join(SCRIPTS, script), {
    stdin: "null",
    stdout: "null",
    stderr: "null",
  })
    .outputSync();
  return success;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
