import { metricHeading } from "../../results/metric_declarations.ts";
import { formatNumber, printable } from "../../base/text.ts";
import type { Outlier } from "../../results/compared_rows.ts";
import type { Summary, SummaryRow } from "../../results/summary.ts";
import { type Form, NOISY_MARK, OUTLIER_MARK } from "./cells.ts";
import {
  inputsNote,
  legendBest,
  legendEnergyInterval,
  legendHidden,
  legendInterval,
  legendLatency,
  legendNoisy,
  legendPlainInterval,
  legendRange,
  legendRates,
  legendRatio,
  legendStaticBatch,
  noEnergyNote,
  noItlNote,
  noPhasesNote,
  outlierNote,
  retriedFact,
  VS_FIRST,
} from "./messages.ts";
import { variedText } from "../run_name.ts";
import { legendGoodput, legendIdleShare, legendOtherSlo } from "../served/messages.ts";
import type { Signs } from "./signs.ts";
import { BEST_MARK, type Column } from "./columns.ts";
import { memoryLines } from "./memory_lines.ts";

/** More outliers than this are not worth a line each. */
const MOST_OUTLIERS = 20;
const LATENCIES = ["TTFT", "TPOT", "ITL", "E2E"] as const;
/** What a reader needs to know of the columns that are shown, and each number that lies apart. */
export function summaryNotes(
  { rows, about, inputs, slo, judged_otherwise = 0 }: Summary,
  shown: readonly Column[],
  hidden: number,
  signs: Signs,
): string[] {
  const heads = shown.map(({ head }) => head);
  const forms = new Set(shown.flatMap((column) => column.forms ?? []));
  const withInterval = shown.filter((column) => column.forms?.includes("interval") === true);
  const ratios = shown.filter(({ head }) => head.endsWith(VS_FIRST));
  const latencies = LATENCIES.filter((name) => heads.some((head) => head.startsWith(`${name} `)));
  const isBatched = about.some(({ load }) => load?.batches === "static" && (load.concurrency ?? 1) > 1);
  const lines = [
    ...rows.some((row) => row.best)
      ? [legendBest(BEST_MARK, metricHeading("output_tokens_per_s"), tiesOf(rows))]
      : [],
    ...withInterval.some(({ isEnergy = false }) => !isEnergy) ? [legendInterval(signs)] : [],
    ...withInterval.filter(({ isEnergy = false }) => isEnergy).map(({ head }) =>
      legendEnergyInterval(head, signs)
    ),
    ...forms.has("plain_interval") ? [legendPlainInterval(signs)] : [],
    ...forms.has("range") ? [legendRange(signs)] : [],
    ...noisyLine(forms, signs),
    ...ratios.length > 0 ? [legendRatio(ratios.some(hasInterval))] : [],
    ...heads.some((head) => head.startsWith("prefill")) ? [legendRates()] : [],
    ...latencies.length > 0 ? [legendLatency(latencies)] : [],
    ...slo !== undefined && heads.includes(metricHeading("goodput_per_s")) ? [legendGoodput(slo)] : [],
    ...heads.includes(metricHeading("idle_share")) ? [legendIdleShare()] : [],
    ...judged_otherwise > 0 ? [legendOtherSlo(judged_otherwise)] : [],
    ...inputs === undefined ? [] : [inputsNote(inputs)],
    ...isBatched && heads.some((head) => head.startsWith("TTFT")) ? [legendStaticBatch()] : [],
    ...withoutPhases(rows),
    ...withoutItl(rows),
    ...memoryLines(rows),
    ...withoutEnergy(rows),
    ...outlierLines(rows),
    ...hidden > 0 ? [legendHidden(hidden)] : [],
  ];
  return lines.map(printable);
}

/** Each reason once, without the settings that it names at its end. */
function withoutPhases(rows: readonly SummaryRow[]): string[] {
  const reasons = rows.flatMap(({ phases_reason }) => phases_reason?.replace(/ \([^()]*\)$/, "") ?? []);
  const partly = rows.some(({ metrics }) => (metrics["decode_tokens_per_s"] ?? null) !== null);
  return [...new Set(reasons)].map((reason) => noPhasesNote(reason, partly));
}

/** Each reason once. */
function withoutItl(rows: readonly SummaryRow[]): string[] {
  return [
    ...new Set(
      rows.flatMap(({ itl_reason, metrics }) =>
        itl_reason === undefined ? [] : [noItlNote(itl_reason, (metrics["itl_ms"] ?? null) !== null)]
      ),
    ),
  ];
}

/** Each reason once. */
function withoutEnergy(rows: readonly SummaryRow[]): string[] {
  return [...new Set(rows.flatMap(({ energy_reason }) => energy_reason ?? []))].map(noEnergyNote);
}

function noisyLine(forms: ReadonlySet<Form>, signs: Signs): string[] {
  const [bare, ranged] = [forms.has("noisy"), forms.has("noisy_with_range")];
  if (!bare && !ranged) return [];
  return [legendNoisy(NOISY_MARK, signs, !ranged ? "none" : bare ? "some" : "all")];
}

/** In a column of ratios. */
function hasInterval({ cells }: Column): boolean {
  return cells.some((each) => each.includes("["));
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
    row: variedText(row.varied, row.load),
    value: formatNumber(value),
    head: metricHeading(metric),
    facts,
  });
}
