/** What lib/study says to people. */

export function sweepReplaced(key: string): string {
  return `the sweep of ${key} is replaced by the value given`;
}

export function listIsSwept(count: number): string {
  return `${count} values are swept, one per experiment; for one list as the value write [[a, b]]`;
}
