import type { ComparedRow, ComparedSide, StudyComparison } from "../../results/compare/study_comparison.ts";

/** The row of a comparison that a first screen shows beside the baseline. */
export interface BestRow {
  /** By the first metric. */
  readonly row: ComparedRow;
  /** By each metric that was compared, in their order. */
  readonly rows: readonly ComparedRow[];
  /** Why it was chosen. */
  readonly is: "better" | "worse" | "different" | "nearest";
}

/**
 * The row of which the verdict sentence speaks: inside a study the best one, between studies the one that got worst. Where
 * nothing is decided, the one that differs most. Null where nothing has a ratio.
 */
export function bestRow({ rows, design }: Pick<StudyComparison, "rows" | "design">): BestRow | null {
  const metric = rows.find(({ ratio }) => ratio !== null)?.metric;
  const candidates = rows.filter((row) => row.metric === metric && row.ratio !== null);
  const wanted = design === "paired"
    ? (["better", "different"] as const)
    : (["worse", "better", "different"] as const);
  for (const is of wanted) {
    const found = farthest(candidates.filter(({ verdict }) => verdict === is));
    if (found !== null) return { row: found, rows: sameRows(rows, found), is };
  }
  const nearest = farthest(candidates);
  return nearest === null ? null : { row: nearest, rows: sameRows(rows, nearest), is: "nearest" };
}

/** The one whose ratio is farthest from 1, the first of several; null where there is none. */
export function farthest(rows: readonly ComparedRow[]): ComparedRow | null {
  let found: ComparedRow | null = null;
  for (const row of rows) if (found === null || size(row) > size(found)) found = row;
  return found;
}

function size({ ratio }: ComparedRow): number {
  return ratio === null || ratio <= 0 ? -1 : Math.abs(Math.log(ratio));
}

function sameRows(rows: readonly ComparedRow[], { config_hash, study_dir }: ComparedSide): ComparedRow[] {
  return rows.filter((row) => row.config_hash === config_hash && row.study_dir === study_dir);
}
