import type { PairDifferences } from "./guard.ts";
import type { Difference, Differences } from "./study_comparison.ts";

/** More values of a setting, or more differences, are of no use to anybody. */
const MOST_TOLD = 50;

/** The differences of all pairs, each once; of a setting with several values those of all rows as a list. */
export function gatheredDifferences(pairs: readonly PairDifferences[]): Differences {
  const declared = Map.groupBy(pairs.flatMap((pair) => pair.declared), ({ what }) => what);
  const undeclared = new Map(
    pairs.flatMap((pair) => pair.undeclared).map((found) => [JSON.stringify(found), found]),
  );
  return {
    declared: [...declared].map(([what, found]): Difference => {
      const [base, other] = [valuesOf(found, "base"), valuesOf(found, "other")];
      return {
        what,
        base: base.length === 1 ? base[0] ?? null : base,
        other: other.length === 1 ? other[0] ?? null : other,
      };
    }),
    undeclared: [...undeclared.values()].slice(0, MOST_TOLD),
  };
}

function valuesOf(found: readonly Difference[], side: "base" | "other"): Difference["base"][] {
  const values = new Map(found.map((difference) => [JSON.stringify(difference[side]), difference[side]]));
  return [...values.values()].slice(0, MOST_TOLD);
}
