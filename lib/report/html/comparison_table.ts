import { metricHeading } from "../../results/metric_declarations.ts";
import { formatNumber } from "../../base/text.ts";
import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import { marginText } from "../compare/messages.ts";
import { rowName } from "../compare/side_name.ts";
import type { DataRow, DataTable } from "./data_table.ts";
import { COMPARISON_HEAD, comparisonsCaption, ratioText, VERDICTS } from "./messages.ts";

const MOST_ROWS = 200;

/** Every ratio of a comparison; null where there is none. */
export function comparisonTable(comparison: StudyComparison | null): DataTable | null {
  if (comparison === null || comparison.rows.length === 0) return null;
  const shown = comparison.rows.slice(0, MOST_ROWS);
  const margins = [...new Set(comparison.rows.map(({ margin }) => marginText(margin)))].join(", ");
  return {
    caption: comparisonsCaption(shown.length, comparison.rows.length, margins),
    head: COMPARISON_HEAD,
    rows: shown.map((row): DataRow => ({
      config: row.config_hash,
      cells: [
        rowName(comparison, row),
        metricHeading(row.metric),
        row.base === null ? "-" : formatNumber(row.base),
        row.value === null ? "-" : formatNumber(row.value),
        ratioText(row),
        row.p_adjusted === null ? "-" : formatNumber(Number(row.p_adjusted.toPrecision(2))),
        row.n.join(" / "),
        VERDICTS[row.verdict].word,
        row.reasons.join("; "),
      ],
    })),
    filter: shown.length > 1,
  };
}
