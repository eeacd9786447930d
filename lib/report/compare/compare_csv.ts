import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import { cell } from "../../results/varied.ts";

/** One line per row and metric (RFC 4180), with all digits; cells that a spreadsheet would compute are told apart by an apostrophe. */
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
    row.config_hash ?? "",
    ...varied.map((path) => cell(row.varied[path])),
    row.metric,
    row.better ?? "",
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
  return [head, ...lines].map((line) => line.map(field).join(",") + "\r\n").join("");
}

function field(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && !Number.isFinite(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
