/** Marks a branch that the types rule out; throws if it is reached all the same. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable: ${JSON.stringify(value)}`);
}
