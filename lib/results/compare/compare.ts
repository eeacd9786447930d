import { LLEM_VERSION } from "../../base/version.ts";
import { pairedRatio } from "../../statistics/ratio.ts";
import { logInterval } from "../../statistics/log_interval.ts";
import type { StudyTable } from "../study_table.ts";
import type { SummaryRow } from "../summary.ts";
import type { ComparedRow, ComparedSide, CompareOptions, StudyComparison } from "./study_comparison.ts";

/** Where a user asks for nothing else. */
export const USUAL_OPTIONS: CompareOptions = {
  baseline: null,
  match: [],
  metrics: [],
  margins: { "*": 0.02 },
  confidence: 0.95,
  adjust: "holm",
  across_boards: false,
  without: [],
};

/** By which rows are compared where nobody names a metric, with the way that is good. */
const USUAL_METRICS = [
  { name: "j_per_output_token", better: "less" },
  { name: "output_tokens_per_s", better: "more" },
  { name: "ttft_p99_ms", better: "less" },
] as const;

/** Compares the rows of one study with each other. */
export function compareStudies(
  [table]: readonly [StudyTable, ...StudyTable[]],
  options: CompareOptions = USUAL_OPTIONS,
): StudyComparison {
  const [first, ...others] = table.summary.rows;
  const sideOf = (row: SummaryRow | undefined): ComparedSide => ({
    config_hash: row?.config_hash ?? null,
    varied: row?.varied ?? {},
    study_dir: table.dir,
  });
  const rows = others.flatMap((row) =>
    USUAL_METRICS.flatMap(({ name, better }) => {
      const found = first === undefined ? null : comparedRow(first, row, name, better);
      return found === null ? [] : [{ ...sideOf(row), ...found }];
    })
  );
  return {
    schema: "llem.compare/1",
    llem_version: LLEM_VERSION,
    design: "paired",
    confidence: options.confidence,
    pooled_df: {},
    adjust: options.adjust,
    m: rows.length,
    baseline: sideOf(first),
    rows,
    differences: { declared: [], undeclared: [] },
    outputs_equal: null,
    inputs_equal: null,
    excluded: options.without,
    unmatched: [],
    studies: [{ dir: table.dir, name: table.name }],
  };
}

function comparedRow(
  first: SummaryRow,
  row: SummaryRow,
  metric: string,
  better: "less" | "more",
): Omit<ComparedRow, keyof ComparedSide> | null {
  const [a, b] = [first, row].map(({ cycles, values }) =>
    new Map(cycles.map((cycle, index) => [cycle, values?.[metric]?.[index] ?? null]))
  );
  const pairs = [...a ?? []].flatMap(([cycle, value]): [number, number][] => {
    const other = b?.get(cycle) ?? null;
    return value === null || other === null ? [] : [[value, other]];
  });
  const found = pairedRatio(pairs);
  if (found === null) return null;
  const ninety = pairedRatio(pairs, 0.9);
  return {
    metric,
    better,
    n: found.n,
    base: logInterval(pairs.map(([value]) => value))?.mean ?? null,
    value: logInterval(pairs.map(([, value]) => value))?.mean ?? null,
    ratio: found.ratio,
    ci95: [found.low, found.high],
    ci90: ninety === null ? null : [ninety.low, ninety.high],
    common_error: null,
    p: found.p,
    p_adjusted: found.p,
    margin: 0.02,
    verdict: "undecided",
    significant: found.p < 0.05,
    n_needed: null,
    reasons: [],
  };
}
