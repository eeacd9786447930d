import type { ComparedRow, ComparedSide, StudyComparison } from "../../results/compare/study_comparison.ts";

/** The row of a comparison that a first screen shows beside the baseline. */
export interface BestRow extends ComparedSide {
  /** True where it is better than the baseline by the first metric. */
  readonly is_better: boolean;
  /** By each metric that was compared, in their order. */
  readonly rows: readonly ComparedRow[];
}

/**
 * By the first metric that a verdict is given for: the row that gains most, those that are better before all others. Null
 * where nothing has a ratio.
 */
export function bestRow({ rows }: Pick<StudyComparison, "rows">): BestRow | null {
  const metric = rows.find(({ ratio }) => ratio !== null)?.metric;
  const candidates = rows.filter((row) => row.metric === metric && row.ratio !== null);
  const better = candidates.filter(({ verdict }) => verdict === "better");
  let best: ComparedRow | null = null;
  for (const row of better.length > 0 ? better : candidates) {
    if (best === null || gain(row) > gain(best)) best = row;
  }
  if (best === null) return null;
  const { config_hash, varied, study_dir } = best;
  return {
    config_hash,
    varied,
    study_dir,
    is_better: best.verdict === "better",
    rows: rows.filter((row) => row.config_hash === config_hash && row.study_dir === study_dir),
  };
}

/** Larger is better; a metric whose good way nobody knows gains by being more. */
function gain({ ratio, better }: ComparedRow): number {
  return Math.log(ratio ?? 1) * (better === "less" ? -1 : 1);
}
