import { type CsvCell, csvLine } from "../../base/csv.ts";
import type { Json } from "../../base/json.ts";
import type { StudyComparison } from "../../results/compare/study_comparison.ts";

/** One line per row and metric. */
export function compareCsv(comparison: StudyComparison): string {
  const varied = [...new Set(comparison.rows.flatMap((row) => Object.keys(row.varied)))];
  const head = [
    "study",
    "config_hash",
    ...varied,
    "metric",
    "better",
    "n_base",
    "n",
    "base",
    "value",
    "ratio",
    "ci_low",
    "ci_high",
    "ci90_low",
    "ci90_high",
    "p",
    "p_adjusted",
    "margin",
    "verdict",
    "n_needed",
    "reasons",
  ];
  const lines = comparison.rows.map((row) => [
    row.study_dir,
    row.config_hash,
    ...varied.map((path) => cellOf(row.varied[path] ?? null)),
    row.metric,
    row.better,
    ...row.n,
    row.base,
    row.value,
    row.ratio,
    ...row.ci ?? [null, null],
    ...row.ci90 ?? [null, null],
    row.p,
    row.p_adjusted,
    row.margin,
    row.verdict,
    row.n_needed,
    row.reasons.join("; "),
  ]);
  return [head, ...lines].map(csvLine).join("");
}

function cellOf(value: Json): CsvCell {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}
