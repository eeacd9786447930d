import { meanOf } from "./moments.ts";

/** How much of a spread lies between groups, such as boards, and how much within them. Of logarithms, so as shares. */
export interface VarianceComponent {
  readonly groups: number;
  /** Standard deviation between groups, once that within them is taken out; 0 where chance alone would make as much. */
  readonly between: number;
  /** Null where no group has two values: then the other one holds both. */
  readonly within: number | null;
}

/**
 * One-way analysis of variance with random groups of any sizes (Searle, Casella and McCulloch, Variance Components, 3.6).
 * Null below two groups.
 */
export function varianceComponent(groups: readonly (readonly number[])[]): VarianceComponent | null {
  const filled = groups.filter((group) => group.length > 0);
  const k = filled.length;
  if (k < 2) return null;
  const n = filled.reduce((sum, group) => sum + group.length, 0);
  const grand = meanOf(filled.flat());
  const among = filled.reduce((sum, group) => sum + group.length * (meanOf(group) - grand) ** 2, 0) / (k - 1);
  if (n === k) return { groups: k, between: Math.sqrt(among), within: null };
  const inside = filled.reduce((sum, group) => {
    const mean = meanOf(group);
    return sum + group.reduce((squares, value) => squares + (value - mean) ** 2, 0);
  }, 0) / (n - k);
  const size = (n - filled.reduce((sum, group) => sum + group.length ** 2, 0) / n) / (k - 1);
  return { groups: k, between: Math.sqrt(Math.max(0, (among - inside) / size)), within: Math.sqrt(inside) };
}
