/** Texts about contention: reasons of a record, warnings and hints. */

/** What other processes used, and when. */
export interface Others {
  readonly others_cpus: number;
  readonly usable_cpus: number;
  readonly covers: "measured_windows" | "run";
}

export function waited(others: Others, lost_share: number): string {
  return `${othersUsed(others)}, and this run lost ${percent(lost_share)} of its CPU time to waiting`;
}

export function oneThreadWaited(others: Others, share: number): string {
  return `${othersUsed(others)}, and one thread of this run waited for a CPU for ${
    percent(share)
  } of the time`;
}

export function allBusy(others: Others): string {
  return `${othersUsed(others)}, and no CPU was idle`;
}

export function stolen(share: number): string {
  return `the hypervisor withheld ${percent(share)} of this run's CPU time (steal)`;
}

export function throttled(share: number, usable_cpus: number | null): string {
  const limit = usable_cpus === null ? "" : ` of ${figure(usable_cpus)} CPUs`;
  return `the control group's CPU limit${limit} throttled its processes in ${
    percent(share)
  } of the limit's periods`;
}

export function tooShort(observed_s: number, shortest_s: number): string {
  return `the time observed is too short: ${figure(observed_s)} s, at least ${shortest_s} s are needed`;
}

export function ownNotCounted(): string {
  return "the CPU time of the run's own processes could not be read (a container, or the worker ended first)";
}

export function machineNotRead(): string {
  return "/proc/stat does not show the CPU time of the CPUs that the run may use";
}

export function waitsNotReported(): string {
  return "no CPU was idle, and the kernel does not report how long a thread waited for one (schedstat)";
}

export function noProcess(): string {
  return "no process was started";
}

export function nothingObserved(): string {
  return "the worker ended before its CPU time could be read";
}

/** A reason beside others; never without runs. */
export function amongOthers(run_ids: readonly string[]): string {
  const names = run_ids.slice(0, 3).join(", ");
  const more = run_ids.length > 3 ? ` and ${run_ids.length - 3} more` : "";
  return `among the other processes were runs of this study (${names}${more}), which CPUs of their own keep apart ` +
    "(execution.pin)";
}

/** The warning of one run. */
export function contendedRun(reasons: readonly string[]): string {
  return `The run was contended: ${reasons.join("; ")}. Its numbers are likely worse than on a quiet machine`;
}

/** The line at the end of a study. */
export function contendedStudy(contended: number, completed: number): string {
  const runs = `${contended} of ${completed} completed ${completed === 1 ? "run" : "runs"}`;
  return `${runs} ${
    contended === 1 ? "was" : "were"
  } contended: CPU time went to other processes or was withheld. ` +
    "Compare with care, or stop the other programs (see top) and run the study again";
}

function othersUsed({ others_cpus, usable_cpus, covers }: Others): string {
  const when = covers === "measured_windows" ? "during the measured windows" : "during the run";
  return `other processes used ${figure(others_cpus)} of ${figure(usable_cpus)} CPUs ${when}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}
