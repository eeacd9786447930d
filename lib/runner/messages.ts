/** Texts of lib/runner for people: one pure function for each message. */
import { formatDuration } from "../base/duration.ts";
import { plural } from "../base/text.ts";
import type { StopSignal } from "../process/inherited.ts";

export function workerSurvivedKill(): string {
  return "The worker survived SIGKILL; it is probably stuck in a driver call (state D)";
}

/** What a worker left behind when it died by itself. */
export interface WorkerDeath {
  readonly has_result: boolean;
  /** What the kernel's out-of-memory killer took; null for nothing of it, `unknown` where others ran beside it. */
  readonly oom: "worker" | "child" | "unknown" | null;
}

export function workerKilledBy(signal: string, death: WorkerDeath): string {
  return `The worker was killed by ${signal}${describeDeath(death)}`;
}

export function workerExitedWith(code: number | null, death: WorkerDeath): string {
  return `The worker exited with code ${code}${describeDeath(death)}`;
}

function describeDeath({ has_result, oom }: WorkerDeath): string {
  const result = has_result ? " after sending its result" : " without a result";
  if (oom === null) return result;
  if (oom === "unknown") {
    return `${result}; the kernel's out-of-memory killer killed a process on this machine meanwhile, and nothing says ` +
      "whether it was this worker's or one of the runs beside it";
  }
  return `${result}; the kernel's out-of-memory killer killed ${
    oom === "worker" ? "it" : "one of its processes"
  }`;
}

export function noResultFrame(): string {
  return "The worker exited with code 0 but sent no result frame";
}

/** A worker that has a gate to wait at. */
export function measuredOutOfTurn(): string {
  return "The worker began its measurement, or sent its result, before its gate was open, so it was killed: a worker sends a " +
    "ready frame once it has loaded, then waits for the file that its assignment names as `gate` (docs/worker-protocol.md). " +
    "With `waits_for_gate: false` nothing runs beside it";
}

/** `runs`: each with its agent. */
export function otherAgentsBeside(runs: readonly string[]): string {
  const more = runs.length > 3 ? ` and ${runs.length - 3} more` : "";
  return `Another agent of the study made runs on this machine meanwhile: ${
    runs.slice(0, 3).join(", ")
  }${more}`;
}

export function runStopped(signal: StopSignal): string {
  return `The study was stopped by ${signal}`;
}

/** `device` says which one and why. */
export function runLostDevice(device: string): string {
  return `A device of the run was lost, so the run was killed: ${device}`;
}

export function runPaused(seconds: number): string {
  return `The study was paused for ${
    seconds.toFixed(1)
  } s (Ctrl-Z, or the machine slept), so this attempt is discarded`;
}

/** A limit of a run, with the key that sets it. */
export function runTimedOut(limit: "total" | "startup" | "silence" | "study", seconds: number): string {
  switch (limit) {
    case "total":
      return `The run took longer than ${seconds} s (execution.experiment_timeout_seconds) and was killed`;
    case "startup":
      return `The worker sent no hello within ${seconds} s (execution.startup_timeout_seconds) and was killed`;
    case "silence":
      return `The worker sent no frame for ${seconds} s (execution.silence_timeout_seconds) and was killed`;
    case "study":
      return `The study took longer than ${seconds} s (execution.study_timeout_seconds), so this run was killed`;
  }
}

export function stoppedBySignal(signal: StopSignal): string {
  return `stopped by ${signal}`;
}

export function stoppedAfterCurrentRun(): string {
  return "stopped by SIGUSR2 after the current run";
}

/** `device` says which one and why. */
export function deviceLost(device: string): string {
  return `a device was lost: ${device}`;
}

export function studyTimedOut(seconds: number | null): string {
  return `the study took longer than ${seconds} s`;
}

export function devicesQuarantined(): string {
  return "a worker cannot be killed; its devices are quarantined";
}

/** The same where runs are left that need devices of that shape. */
export function devicesQuarantinedFor(left: number): string {
  return `${devicesQuarantined()}, and ${plural(left, "run")} ${left === 1 ? "was" : "were"} not made`;
}

/** A run whose device was lost, with others there. */
export function madeElsewhere(run: number): string {
  return `Run ${run} lost its device and is made again on another`;
}

export function leftAfterLosses(run: number, times: number): string {
  return `Run ${run} has lost its device ${plural(times, "time")}; resume the study to make it again`;
}

export function runsWithoutDevices(count: number): string {
  return `${plural(count, "run")} ${
    count === 1 ? "was not made: the devices for it" : "were not made: the devices for them"
  } were lost`;
}

export function tooManyFailures(failed: number, limit: number | null): string {
  return `${plural(failed, "run")} failed (execution.max_failures is ${limit})`;
}

/** `group` is a backend and a model, `way` how the runs ended, such as `crashed (SIGSEGV)`. */
export function givingUp(
  { group, after, way, left }: {
    readonly group: string;
    readonly after: number | null;
    readonly way: string;
    readonly left: number;
  },
): string {
  return `Giving up on ${group}: its first ${after} runs all had the same outcome, ${way}. ` +
    `Skipping its other ${left} (execution.give_up_after is ${after}).`;
}

export function runsSkipped(count: number, after: number | null): string {
  return `${plural(count, "run")} skipped (execution.give_up_after is ${after})`;
}

/** `run` is its number. */
export function runDiscarded(run: number, times: number): string {
  return `Run ${run} was discarded ${plural(times, "time")} because the study was paused ` +
    "(Ctrl-Z, or the machine slept); resume the study to run it again";
}

export function cpusLeft(pid: number, list: string): string {
  return `Process ${pid} of the run may use CPUs outside its slot (${list}): it or its engine has set its own CPU affinity. ` +
    "Runs beside it may have shared these CPUs. Remove that setting, or set execution: { parallel: off }.";
}

export function spawnRefused(times: number): string {
  return `The system refused to start the worker ${plural(times, "time")}`;
}

/** A run that begins in a process group since the study's method failed. */
export function cageNotMade(method: "cgroup" | "pidns" | "group", reason: string): string {
  const what = { cgroup: "control group", pidns: "pid namespace", group: "process group" };
  return `This run uses a process group, because no ${what[method]} could be created: ${reason}`;
}

export function logNotWritten(reason: string): string {
  return `Cannot write the worker's log: ${reason}`;
}

export function processesSurvived(pids: readonly number[]): string {
  return `${processes(pids)} survived SIGKILL`;
}

export function processesUnclaimed(pids: readonly number[]): string {
  return `${processes(pids)} ${
    pids.length === 1 ? "was" : "were"
  } left behind by this attempt or by one running beside it, ` +
    "and killed";
}

function processes(pids: readonly number[]): string {
  return `${pids.length === 1 ? "Process" : "Processes"} ${pids.join(", ")}`;
}

/** Why a worker was killed that had sent its result or its error and did not exit. */
export function closedByForce(
  cause:
    | { readonly kind: "stop"; readonly signal: StopSignal }
    | { readonly kind: "device_lost"; readonly text: string }
    | { readonly kind: "limit"; readonly close_s: number },
): string {
  const text = "The worker sent its last frame but did not exit, and was killed";
  switch (cause.kind) {
    case "stop":
      return `${text} because the study was stopped by ${cause.signal}`;
    case "device_lost":
      return `${text} because a device of the run was lost: ${cause.text}`;
    case "limit":
      return `${text} after ${cause.close_s} s (execution.close_timeout_seconds), or at the time limit of the run`;
  }
}

export function serverGone(): string {
  return "The server ended while it was under load.";
}

/** `found` and `own` are versions of llem. */
export function otherWorker(found: string, own: string, image: string | null): string {
  const where = image === null ? "The Python environment" : `The image ${image}`;
  return `The worker that answered is that of llem ${found}, and this is llem ${own}. ${where} brings an llem_worker of ` +
    "its own, which was loaded in place of this one: remove it there (look at sitecustomize.py, *.pth files and PYTHONPATH).";
}

/** What one part of an engine was and is; null is absent. */
export interface VersionChange {
  readonly name: string;
  readonly before: string | null;
  readonly now: string | null;
}

export function engineChanged(changes: readonly VersionChange[]): string {
  const told = changes.map(({ name, before, now }) =>
    `${name} was ${before ?? "absent"} and is ${now ?? "absent"}`
  );
  return `This run's engine is not that of the study's first run with it: ${told.join(", ")}. ` +
    "Their numbers are of two engines. Put the old version back and repeat the run, or start a new study.";
}

/** Marks of phases that make no phase. */
export function phaseMarksIgnored(count: number): string {
  return `${plural(count, "phase mark")} ignored (unpaired, going backwards, or too many)`;
}

export function requestsLeftOut(count: number): string {
  return `${plural(count, "request")} missing from requests.jsonl, which has reached its size limit; ` +
    "the statistics include them";
}

export function moreWarnings(count: number): string {
  return plural(count, "more warning");
}

export function frameCutOff(): string {
  return "a frame was cut off before its line feed";
}

export function frameUnknown(type: string): string {
  return `frame type "${type}" is not part of protocol version 1`;
}

export function secondResult(): string {
  return "the worker sent a second result frame";
}

export function frameTooLarge(bytes: number, limitMiB: number): string {
  return `a frame of ${bytes} bytes exceeds the limit of ${limitMiB} MiB`;
}

/** `excess` is a clause without a subject: what there is too much of. */
export function frameTooComplex(bytes: number, excess: string): string {
  return `a frame of ${bytes} bytes ${excess}`;
}

/** A field of a frame by its path; `found` is what stood there, null where that is not told. */
export function fieldOfFrame(path: string, type: string, found: string | null): string {
  return `${path} of a ${type} frame${found === null ? "" : ` (${found})`}`;
}

/** `fields` are as `fieldOfFrame` gives them, `more` is how many there are beside these. */
export function fieldsClipped(fields: readonly string[], more: number): string {
  return `Cut to the length that the protocol allows (docs/worker-protocol.md): ${listed(fields, more)}.`;
}

export function fieldsNotNumbers(fields: readonly string[], more: number): string {
  return `Not numbers in JSON, so recorded as null: ${listed(fields, more)}.`;
}

function listed(fields: readonly string[], more: number): string {
  return fields.join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** A time of a worker that lies in the future. */
export function timeOfOtherClock(tNs: bigint, aheadMs: number): string {
  return `The timestamp ${tNs} ns is ${
    formatDuration(aheadMs / 1000)
  } ahead of CLOCK_MONOTONIC, so it is from ` +
    "another clock, perhaps the time of day. Durations are valid; energy cannot be assigned to the run.";
}
