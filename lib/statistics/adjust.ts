/** P-values of several comparisons, adjusted so that each may be read as if it were the only one. */

import { unreachable } from "../base/unreachable.ts";

export type Adjustment = "holm" | "bh" | "none";

/** In the order given; none leaves them as they are. */
export function adjusted(ps: readonly number[], adjustment: Adjustment): number[] {
  switch (adjustment) {
    case "holm":
      return holm(ps);
    case "bh":
      return benjaminiHochberg(ps);
    case "none":
      return [...ps];
    default:
      return unreachable(adjustment);
  }
}

/** Holm 1979: the chance of any false alarm at all stays below the limit. */
export function holm(ps: readonly number[]): number[] {
  let highest = 0;
  return inOrder(ps, (a, b) => a - b, (p, rank) => highest = Math.max(highest, (ps.length - rank) * p));
}

/** Benjamini and Hochberg 1995: of all alarms that are raised, the share of false ones stays below the limit. */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  let lowest = 1;
  const n = ps.length;
  return inOrder(ps, (a, b) => b - a, (p, rank) => lowest = Math.min(lowest, n / (n - rank) * p));
}

function inOrder(
  ps: readonly number[],
  order: (a: number, b: number) => number,
  adjust: (p: number, rank: number) => number,
): number[] {
  const found = ps.map(() => 1);
  const ranked = ps.map((p, index) => ({ p, index })).sort((a, b) => order(a.p, b.p));
  ranked.forEach(({ p, index }, rank) => found[index] = Math.min(1, adjust(p, rank)));
  return found;
}
