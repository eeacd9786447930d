/** Texts about the boards of a pool. */

/** `mode` is `staged` or `shared`. */
export function noBoards(mode: string): string {
  return `execution.parallel is ${mode}, but no GPU was found to make runs on. Name them in execution.devices (such as [0, 1]), ` +
    "or set execution.parallel to off.";
}

/** `board`: the name of a module of which CPU and GPU share a power cap. */
export function sharedCap(board: string): string {
  return `execution.parallel is shared, but on ${board} CPU and GPU share one power cap, so that neighbours take a run's ` +
    "power. Use staged, which measures one run at a time.";
}
