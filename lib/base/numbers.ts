/**
 * Math.max and its like over arrays of any length: spread into arguments, some 120,000 values overflow the stack. A rule of
 * the house keeps arrays from being spread into calls.
 */

/** The largest of the values, NaN where one is; `otherwise` where there are none. */
export function largest(values: Iterable<number>, otherwise: number = -Infinity): number {
  let found: number | null = null;
  for (const value of values) found = found === null ? value : Math.max(found, value);
  return found ?? otherwise;
}

/** The smallest of the values, NaN where one is; `otherwise` where there are none. */
export function smallest(values: Iterable<number>, otherwise: number = Infinity): number {
  let found: number | null = null;
  for (const value of values) found = found === null ? value : Math.min(found, value);
  return found ?? otherwise;
}

/** The root of the sum of the squares, 0 where there are none; as Math.hypot, it does not overflow on the way. */
export function rootOfSquares(values: Iterable<number>): number {
  let root = 0;
  for (const value of values) root = Math.hypot(root, value);
  return root;
}

/** Puts every item at the end of the target. */
export function append<T>(target: T[], items: Iterable<T>): void {
  for (const item of items) target.push(item);
}

/** Coefficient of variation: the standard deviation of a sample, as a part of its mean. */
export function variation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1)) / mean;
}
