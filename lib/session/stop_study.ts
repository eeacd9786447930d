import { join } from "node:path";
import { pause } from "../base/abort.ts";
import { monotonicMs } from "../base/clock.ts";
import { exists } from "../base/files.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { findRunner } from "../archive/runner_presence.ts";
import {
  readMark,
  readStopMark,
  removeStopMark,
  type StopMark,
  writeStopMark,
} from "../cluster/stop_mark.ts";
import { askQueue, type QueuedTask } from "../cluster/slurm/squeue.ts";
import type { AskSlurm } from "../cluster/slurm/slurm_command.ts";
import { bootId, isAlive, readProcStat } from "../process/proc_stat.ts";
import { realDisk } from "../storage/disk.ts";
import { readOwner } from "../storage/lock.ts";
import { SaveError } from "../storage/save_error.ts";
import { notAStudyText } from "../archive/not_a_study.ts";
import { agentsOf } from "../archive/shared/agents_of.ts";
import { SAVED, slurmIsAway } from "./messages.ts";
import { jobsOf, readRounds } from "./submit/rounds.ts";
import { standingOf } from "./submit/standing.ts";
import { readSubmission } from "./submit/submission.ts";

/** How a study is stopped: at once, or after the runs at hand. */
export type StopMode = StopMark["mode"];

/** What was done to stop a study. */
export type StopResult =
  | { readonly kind: "not_running" }
  /** It was asked before, in the same way or a stronger one, and is about to end. */
  | { readonly kind: "asked_before"; readonly pid: number; readonly mode: StopMode }
  | {
    readonly kind: "signalled";
    readonly pid: number;
    readonly mode: StopMode;
    /** It ended while this waited. */
    readonly ended: boolean;
  }
  /** The process is not one that this machine can see. */
  | { readonly kind: "elsewhere"; readonly host: string | null; readonly pid: number | null }
  | {
    readonly kind: "marked";
    readonly mode: StopMode;
    /** The mark was there already. */
    readonly again: boolean;
    readonly slurm: StoppedJobs | null;
  };

/** What became of the jobs of a submission. */
export interface StoppedJobs {
  /** Tasks that were taken out of the queue before they began. */
  readonly cancelled: number;
  /** Tasks that run and were told. */
  readonly told: number;
  /** What Slurm said where it did not do it; null where it did. */
  readonly trouble: string | null;
}

/** How long a stop waits for the end that it asked for. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 100;

/** Stops what runs of a study, wherever. Throws CommandError where the directory holds none, and SaveError. */
export async function stopStudy(dir: string, mode: StopMode, ask: AskSlurm): Promise<StopResult> {
  const submission = readSubmission(dir);
  if (submission === null && !exists(join(dir, "plan.json"))) {
    throw new CommandError(EXIT.usage, notAStudyText(dir));
  }
  return submission !== null || exists(join(dir, "agents"))
    ? await stopShared(dir, mode, ask)
    : await stopRunner(dir, mode);
}

async function stopShared(dir: string, asked: StopMode, ask: AskSlurm): Promise<StopResult> {
  const before = readStopMark(dir);
  const rounds = readRounds(dir);
  const jobs = rounds.flatMap((round) => round.jobs);
  // The job after the agents is told by the mark that it must not submit others.
  const queue = await askQueue(ask, jobsOf(rounds));
  const isQueued = queue === null ? isUnfinished(dir) : queue.some(({ state }) => !ENDED.test(state));
  // One that seems silent may be at work: the file server's clock may be off. A mark that nobody reads does no harm.
  const mayWork = agentsOf(dir).some(({ alive, state }) => alive || state === "silent" && isUnfinished(dir));
  if (!isQueued && !mayWork) return { kind: "not_running" };
  // A stop is not taken back to a drain.
  const mode = before?.mode === "stop" ? "stop" : asked;
  if (before?.mode !== mode) mark(dir, mode, null);
  const again = before?.mode === mode;
  if (jobs.length === 0) return { kind: "marked", mode, again, slurm: null };
  const agents = queue?.filter(({ job }) => jobs.includes(job)) ?? null;
  return { kind: "marked", mode, again, slurm: await stopJobs(agents, { mode, again }, ask) };
}

/** Where nobody tells what is queued: false once no run is left. */
function isUnfinished(dir: string): boolean {
  return standingOf(dir)?.left !== 0;
}

/** Null where Slurm knows none of the jobs. */
async function stopJobs(
  queue: readonly QueuedTask[] | null,
  { mode, again }: { readonly mode: StopMode; readonly again: boolean },
  ask: AskSlurm,
): Promise<StoppedJobs | null> {
  if (queue === null) return { cancelled: 0, told: 0, trouble: slurmIsAway() };
  const waiting = queue.filter(({ state }) => state === "PENDING" || state === "SUSPENDED");
  const running = queue.filter(({ state }) =>
    !ENDED.test(state) && !waiting.some((task) => task.state === state)
  );
  if (waiting.length + running.length === 0) return null;
  const words: string[] = [];
  const cancel = async (tasks: readonly QueuedTask[], ...options: string[]): Promise<void> => {
    if (tasks.length === 0) return;
    const answer = await ask("scancel", [...options, ...tasks.map(({ id }) => id)]);
    if (answer.kind !== "ok") words.push(answer.text);
  };
  await cancel(waiting);
  // Agents see the mark by themselves; the signal is sooner. A second TERM would mean: now, without any grace.
  const told = again ? [] : running;
  await cancel(told, "--batch", mode === "drain" ? "--signal=USR2" : "--signal=TERM");
  return {
    cancelled: waiting.length,
    told: told.length,
    trouble: words.length === 0 ? null : words.join("; "),
  };
}

const ENDED =
  /^(COMPLETED|CANCELLED|FAILED|TIMEOUT|NODE_FAIL|PREEMPTED|OUT_OF_MEMORY|BOOT_FAIL|DEADLINE|COMPLETING)$/;

async function stopRunner(dir: string, mode: StopMode): Promise<StopResult> {
  const { alive, host, pid } = findRunner(dir);
  if (alive === false) return { kind: "not_running" };
  const owner = ownerOf(dir);
  if (owner === null || !isThatProcess(owner)) return { kind: "elsewhere", host, pid };
  const target = { pid: Number(owner["pid"]), start_ticks: Number(owner["start_ticks"]) };
  const before = readMark(dir);
  const isSame = before?.process?.pid === target.pid && before.process.start_ticks === target.start_ticks;
  // A second TERM would mean: now, without any grace.
  if (isSame && (before.mode === "stop" || before.mode === mode)) {
    return { kind: "asked_before", pid: target.pid, mode: before.mode };
  }
  mark(dir, mode, target);
  Deno.kill(target.pid, mode === "drain" ? "SIGUSR2" : "SIGTERM");
  // One that Ctrl-Z has stopped hears nothing before it goes on.
  if (readProcStat(target.pid)?.state === "T") Deno.kill(target.pid, "SIGCONT");
  const ended = mode === "stop" && await hasEnded(owner);
  if (ended) removeStopMark(dir);
  return { kind: "signalled", pid: target.pid, mode, ended };
}

async function hasEnded(owner: JsonObject): Promise<boolean> {
  for (const endMs = monotonicMs() + PATIENCE_MS; monotonicMs() < endMs; await pause(LOOK_MS)) {
    if (!isThatProcess(owner)) return true;
  }
  return false;
}

function ownerOf(dir: string): JsonObject | null {
  try {
    const owner: unknown = JSON.parse(readOwner(join(dir, "lock")));
    return isJsonObject(owner) ? owner : null;
  } catch {
    return null;
  }
}

/** A number alone may be another process by now. */
function isThatProcess({ host, boot_id, pid, start_ticks }: JsonObject): boolean {
  if (host !== Deno.hostname() || boot_id !== bootId()) return false;
  const stat = readProcStat(Number(pid));
  return stat?.start_ticks === start_ticks && isAlive(stat);
}

function mark(dir: string, mode: StopMode, process: StopMark["process"]): void {
  try {
    writeStopMark(realDisk, dir, { mode, at: new Date().toISOString(), host: Deno.hostname(), process });
  } catch (error) {
    throw new SaveError(SAVED.stopMark, dir, error);
  }
}
