import process from "node:process";
import { assignmentLike } from "./assignment_like.ts";
import { timeBareSpawn } from "./bare_spawn.ts";
import type { Figure } from "./figure.ts";
import { cpuPerRun } from "./cpu_per_run.ts";
import { NOOP_WORKER, noopStudy } from "./noop_study.ts";
import { readFirstResult, readRunEndsMs, startStudy } from "./study.ts";
import { traceSyncs } from "./trace_syncs.ts";
import { watchProcess } from "./watch_process.ts";

/** The start of the study and its end are in a study of so few runs, too: what differs is the runs. */
const SHORT_RUNS = 10;
const SPAWNS = 100;

/** What the time of a no-op run is made of: the runner's own work, spawning, waiting for the disk. */
export async function measureOverheadSplit({ runs }: { readonly runs: number }): Promise<Figure[]> {
  const { pid, finished } = startStudy(noopStudy(runs));
  using watch = watchProcess(pid);
  const studyDir = await finished;
  const cpuMs = cpuPerRun(readRunEndsMs(studyDir), watch.samples, ({ ownCpuMs }) => ownCpuMs);
  const line = assignmentLike(readFirstResult(studyDir), studyDir);
  return [
    {
      name: "runner_cpu_ms_per_run",
      value: cpuMs,
      aim: "<= 3",
      remark: `CPU time of the runner without its workers, ${runs} no-op runs`,
    },
    {
      name: "bare_spawn_cpu_ms",
      value: await spawnCpuMs(line),
      aim: null,
      remark:
        "what a bare spawn of the same worker costs the process that spawns: this one, of the same runtime",
    },
    ...await measureSyncs(runs),
  ];
}

/** CPU time of this process for one spawn; the worker's own is not in it. */
async function spawnCpuMs(line: Uint8Array): Promise<number> {
  const before = process.cpuUsage();
  for (let spawn = 0; spawn < SPAWNS; spawn++) await timeBareSpawn(NOOP_WORKER, line);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / SPAWNS;
}

async function measureSyncs(runs: number): Promise<Figure[]> {
  const [short, long] = [await traceSyncs(noopStudy(SHORT_RUNS)), await traceSyncs(noopStudy(runs))];
  const per = (pick: (of: { readonly count: number; readonly waitMs: number }) => number): number | null =>
    short === null || long === null ? null : (pick(long) - pick(short)) / (runs - SHORT_RUNS);
  const remark = (text: string): string => long === null ? "not run: needs strace" : text;
  return [
    {
      name: "syncs_per_run",
      value: per(({ count }) => count),
      aim: "4, and 2 a second",
      remark: remark("result, its folder, runs/, journal; the manifest"),
    },
    {
      name: "disk_wait_ms_per_run",
      value: per(({ waitMs }) => waitMs),
      aim: null,
      remark: remark("in these calls, under strace"),
    },
  ];
}
