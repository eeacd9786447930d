/** Texts about the boards of a pool. */

/** `mode` is `staged` or `shared`. */
export function noBoards(mode: string): string {
  return `execution.parallel is ${mode}, but no GPU was found to make runs on. Name them in execution.devices (such as [0, 1]), ` +
    "or set execution.parallel to off.";
}
