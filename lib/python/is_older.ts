/**
 * True for a release before that one, by as many of its numbers as that one has: 4.56.0.dev0 is no older than 4.56. False
 * where it is not told as numbers.
 */
export function isOlder(release: string, oldest: string): boolean {
  const [found, least] = [numbers(release), numbers(oldest)];
  for (const [index, needed] of least.entries()) {
    const number = found[index] ?? 0;
    if (number !== needed) return number < needed;
  }
  return false;
}

function numbers(release: string): number[] {
  return release.split(".").map((part) => Number.parseInt(part));
}
