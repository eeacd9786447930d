import { formatNumber, printable } from "../../base/text.ts";
import type { Outlier, Summary, SummaryRow } from "../../results/summary.ts";
import { NOISY_MARK, OUTLIER_MARK } from "./cells.ts";
import {
  legendBest,
  legendHidden,
  legendInterval,
  legendLatency,
  legendNoisy,
  legendRange,
  legendRates,
  legendRatio,
  legendStaticBatch,
  metricHeading,
  outlierNote,
  retriedFact,
  VS_FIRST,
} from "./messages.ts";
import { variedText } from "../run_name.ts";
import type { Signs } from "./signs.ts";
import { BEST_MARK, type Column } from "./columns.ts";

/** More outliers than this are not worth a line each. */
const MOST_OUTLIERS = 20;
const LATENCIES = ["TTFT", "TPOT", "ITL", "E2E"] as const;
/** What a reader needs to know of the columns that are shown, and each number that lies apart. */
export function summaryNotes(
  { rows, about }: Summary,
  shown: readonly Column[],
  hidden: number,
  signs: Signs,
): string[] {
  const cells = shown.flatMap((column) => column.cells);
  const heads = shown.map(({ head }) => head);
  const has = (text: string): boolean => cells.some((each) => each.includes(text));
  const latencies = LATENCIES.filter((name) => heads.some((head) => head.startsWith(`${name} `)));
  const isBatched = about.some(({ load }) => load?.batches === "static" && (load.concurrency ?? 1) > 1);
  const isRanged = rows.some(({ completed }) => completed === 2);
  const lines = [
    ...rows.some((row) => row.best)
      ? [legendBest(BEST_MARK, metricHeading("output_tokens_per_s"), tiesOf(rows))]
      : [],
    ...has(signs.plusMinus) ? [legendInterval(signs)] : [],
    ...isRanged ? [legendRange(signs)] : [],
    ...has(NOISY_MARK) ? [legendNoisy(NOISY_MARK, signs)] : [],
    ...heads.some((head) => head.endsWith(VS_FIRST)) ? [legendRatio()] : [],
    ...heads.some((head) => head.startsWith("prefill")) ? [legendRates()] : [],
    ...latencies.length > 0 ? [legendLatency(latencies)] : [],
    ...isBatched && heads.some((head) => head.startsWith("TTFT")) ? [legendStaticBatch()] : [],
    ...outlierLines(rows),
    ...hidden > 0 ? [legendHidden(hidden)] : [],
  ];
  return lines.map(printable);
}

function tiesOf(rows: readonly SummaryRow[]): number {
  return rows.filter(({ ties_best }) => ties_best).length;
}

function outlierLines(rows: readonly SummaryRow[]): string[] {
  const found = rows.flatMap((row) => row.outliers.map((outlier) => ({ row, outlier })));
  return found.slice(0, MOST_OUTLIERS).map(({ row, outlier }) => outlierLine(row, outlier));
}

function outlierLine(row: SummaryRow, { metric, cycle, value }: Outlier): string {
  const marks = row.marks.find((each) => each.cycle === cycle);
  const facts = marks === undefined ? [] : [
    ...marks.attempt > 1 ? [retriedFact(marks.attempt)] : [],
    ...new Set([...marks.flags, ...marks.warnings]),
  ];
  return outlierNote(OUTLIER_MARK, {
    cycle,
    row: variedText(row.varied),
    value: formatNumber(value),
    head: metricHeading(metric),
    facts,
  });
}
