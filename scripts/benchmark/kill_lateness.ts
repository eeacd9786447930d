import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import type { Figure } from "./figure.ts";
import { percentile } from "./percentile.ts";
import { ROOT } from "./places.ts";
import { readResults, startStudy } from "./study.ts";

const LIMIT_S = 0.1;

/**
 * How long after its limit a run is over: the worker, which ignores polite signals, and its child killed, and nothing of
 * it left. From the record, which counts from before the spawn, while the limit is armed after it.
 */
export async function measureKillLateness(
  { idleRuns, busyRuns }: { readonly idleRuns: number; readonly busyRuns: number },
): Promise<Figure[]> {
  const idleMs = await latenessMs("hang", idleRuns);
  const hogs = Array.from({ length: navigator.hardwareConcurrency }, startHog);
  let busyMs: number[];
  try {
    busyMs = await latenessMs("floods_both", busyRuns);
  } finally {
    for (const hog of hogs) hog.kill("SIGKILL");
    await Promise.all(hogs.map((hog) => hog.status));
  }
  const idle = `from the limit until nothing is left, ${idleRuns} runs`;
  const busy = `the same with every core busy and a worker that floods both pipes, ${busyRuns} runs`;
  return [
    { name: "limit_to_gone_ms_p50", value: percentile(idleMs, 50), aim: null, remark: idle },
    { name: "limit_to_gone_ms_p99", value: percentile(idleMs, 99), aim: "<= 50", remark: idle },
    { name: "limit_to_gone_busy_ms_p50", value: percentile(busyMs, 50), aim: null, remark: busy },
    { name: "limit_to_gone_busy_ms_p99", value: percentile(busyMs, 99), aim: "<= 250", remark: busy },
  ];
}

async function latenessMs(fixture: string, runs: number): Promise<number[]> {
  const studyDir = await startStudy({
    name: `late-${fixture.replaceAll("_", "-")}`,
    backend: "command",
    model: "none",
    command: { argv: [`${ROOT}tests/fixtures/workers/${fixture}.sh`] },
    execution: { n_cycles: runs, experiment_timeout_seconds: LIMIT_S },
  }, { exitCode: 1 }).finished;
  for (const { name } of Deno.readDirSync(`${studyDir}/runs`)) {
    const left = pidsIn(`${studyDir}/runs/${name}`).filter((pid) => isAlive(readProcStat(pid)));
    if (left.length > 0) throw new Error(`Processes ${left.join(", ")} of ${name} live on`);
  }
  return readResults(studyDir).map(({ timing }) => (timing.duration_s - LIMIT_S) * 1000);
}

/** What the fixture wrote down; nothing where the limit came before that. */
function pidsIn(folder: string): number[] {
  try {
    return Deno.readTextFileSync(`${folder}/pids`).trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}

function startHog(): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", { args: ["-c", "while :; do :; done"], stdin: "null" }).spawn();
}
