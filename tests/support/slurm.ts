/**
 * A real Slurm of three nodes on this machine, for one test file: in a folder and on ports of its own, so that it touches
 * no Slurm that others use. tests/support/slurm/ has the scripts. A test that starts one needs root.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Need } from "./needs.ts";

const SCRIPTS = fileURLToPath(new URL("./slurm", import.meta.url));

/** Settings of start.sh by their names without LLEM_SLURM_, such as `{ KILL_WAIT_S: 2 }`. */
export type SlurmKnobs = Readonly<Record<string, string | number>>;

/** The cluster of this test file, started when it is first asked for and stopped when the file ends. */
export const SLURM: Need = slurmWith({});

/** The same with other settings; a file starts one cluster alone. */
export function slurmWith(knobs: SlurmKnobs): Need {
  return {
    what: "root and Slurm (scripts/setup-slurm)",
    isMet: () => Deno.uid() === 0 && startSlurm(knobs),
  };
}

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

/** Waits until a job is in a state that matches. */
export async function untilState(id: string, pattern: RegExp, patienceMs = 90_000): Promise<string> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const state = await jobState(id);
    if (pattern.test(state)) return state;
    assert.ok(performance.now() < endMs, `job ${id} stays ${state}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A file or folder of the running cluster, such as `run/slurmctld.pid`. */
export function clusterPath(name: string): string {
  assert.ok(cluster !== null, "no Slurm was started");
  return `${cluster}/${name}`;
}

let cluster: string | null = null;

function startSlurm(knobs: SlurmKnobs): boolean {
  if (cluster !== null) return true;
  const dir = Deno.makeTempDirSync({ prefix: "llem-slurm-" });
  const env = Object.fromEntries(
    Object.entries(knobs).map(([name, value]) => [`LLEM_SLURM_${name}`, `${value}`]),
  );
  const { success, stderr } = script("start.sh", [dir, `${freePorts(8)}`], env);
  if (!success) {
    console.error(new TextDecoder().decode(stderr));
    Deno.removeSync(dir, { recursive: true });
    return false;
  }
  cluster = dir;
  Deno.env.set("SLURM_CONF", `${dir}/slurm.conf`);
  globalThis.addEventListener("unload", () => void script("stop.sh", [dir], {}));
  return true;
}

function script(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.CommandOutput {
  return new Deno.Command(`${SCRIPTS}/${name}`, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).outputSync();
}

/** The first of so many ports in a row that nobody listens on. */
function freePorts(count: number): number {
  for (let tries = 0; tries < 50; tries++) {
    const first = 20_000 + Math.floor(Math.random() * 12_000);
    if (Array.from({ length: count }, (_, n) => first + n).every(isFree)) return first;
  }
  throw new Error("no free ports for a Slurm");
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

/** Kills one of the cluster's daemons, `slurmctld` or `slurmd-node2`, without a word. */
export function killDaemon(name: string): void {
  Deno.kill(Number(Deno.readTextFileSync(clusterPath(`run/${name}.pid`))), "SIGKILL");
}

/** Starts one of them again. */
export async function startDaemon(name: string): Promise<void> {
  const conf = clusterPath("slurm.conf");
  const [, node] = /^slurmd-(.*)$/.exec(name) ?? [];
  await (node === undefined ? slurm("slurmctld", "-f", conf) : slurm("slurmd", "-f", conf, "-N", node));
}
