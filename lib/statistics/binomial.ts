/** P(Bin(n, p) <= k) for k = 0 to n. Terms relative to the one at the mode, so that nothing under- or overflows. */
export function binomialUpTo(n: number, p: number): number[] {
  const terms = new Array<number>(n + 1).fill(0);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  terms[mode] = 1;
  for (let k = mode; k > 0; k--) terms[k - 1] = (terms[k] ?? 0) * k * (1 - p) / ((n - k + 1) * p);
  for (let k = mode; k < n; k++) terms[k + 1] = (terms[k] ?? 0) * (n - k) * p / ((k + 1) * (1 - p));
  const total = terms.reduce((sum, term) => sum + term, 0);
  let sum = 0;
  return terms.map((term) => (sum += term) / total);
}
