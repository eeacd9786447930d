/** Texts for people about a session: one function each, nothing else. */

/** A warning of a plan; `problem` is the sentence with which a run refuses. */
export function refusedByRun(problem: string): string {
  return `llem run would refuse this study here: ${problem}`;
}

/** A notice before the first run; `load` says what other processes use. */
export function warnOfLoad(load: string): string {
  return `warning: ${load}, so results will scatter. Stop them before you measure (see top).`;
}
