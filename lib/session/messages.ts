/** The texts of lib/session for people: one pure function for each message. */

/** More failures than this are counted only. */
const MOST_NAMED = 5;

/** A run that did not complete, as a message names it. */
export interface NamedFailure {
  readonly index: number;
  /** The kind of its outcome, such as `timed_out`. */
  readonly outcome: string;
  /** Null where there is none. */
  readonly message: string | null;
}

/** A resume of a study in which every run has ended, with what failed: one line each. */
export function nothingLeft(dir: string, failed: readonly NamedFailure[]): string[] {
  const nothing = `nothing is left to do in ${dir}`;
  if (failed.length === 0) return [`${nothing}: every run is complete.`];
  const named = failed.slice(0, MOST_NAMED).map(({ index, outcome, message }) =>
    `  run ${index} ${outcome}${message === null ? "" : `: ${message}`}`
  );
  const more = failed.length - named.length;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  const again =
    `${failed.length} failed; --retry-failed runs them again: llem run --resume ${dir} --retry-failed`;
  return [`${nothing}: ${again}`, ...named, ...rest];
}

/** A warning of a plan; `problem` is the sentence with which a run refuses. */
export function refusedByRun(problem: string): string {
  return `llem run would refuse this study here: ${problem}`;
}

/** A notice before the first run; `load` says what other processes use. */
export function warnOfLoad(load: string): string {
  return `warning: ${load}, so results will scatter. Stop them before you measure (see top).`;
}
