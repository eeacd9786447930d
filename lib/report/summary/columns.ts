import { metricHeading } from "../../results/metric_declarations.ts";
import { printable } from "../../base/text.ts";
import type { Summary, SummaryRow } from "../../results/summary.ts";
import { ENERGY_VERDICTS } from "../../results/energy/record.ts";
import { METERED_METRICS } from "../../results/energy/metrics.ts";
import { isHeadline, ownMetrics } from "../../results/headline.ts";
import { energyCell, type Form, type NumberCell, OUTLIER_MARK, ratioCell, spreadCell } from "./cells.ts";
import { energyWithVerdict, ratioHeading, runCounts } from "./messages.ts";
import { goodputWithVerdict, runsMet } from "../served/messages.ts";
import { labelledCell, labelledPaths } from "../run_name.ts";
import type { RankedColumn } from "../table.ts";
import type { Signs } from "./signs.ts";

/** A column of the table of results. */
export interface Column extends RankedColumn {
  /** How its numbers are written; left out where it has none over repeats. */
  readonly forms?: readonly Form[];
  readonly isEnergy?: boolean;
}

/** Marks the row with the best output rate. */
export const BEST_MARK = "*";

const NEVER = 0;
const OUTPUT = "output_tokens_per_s";
const GOODPUT = "goodput_per_s";
const FAILED_REQUESTS = "failed_requests";
const IDLE_SHARE = "idle_share";
const JOULES_PER_TOKEN = "j_per_output_token";

/** The metrics of a language model, in the order of their columns. */
const METRICS = [
  { metric: OUTPUT, rank: NEVER },
  { metric: "prefill_tokens_per_s", rank: 6 },
  { metric: "decode_tokens_per_s", rank: 7 },
  { metric: "ttft_ms", rank: 2 },
  { metric: "ttft_p99_ms", rank: 4 },
  { metric: "tpot_ms", rank: 3 },
  { metric: "tpot_p99_ms", rank: 8 },
  { metric: "itl_ms", rank: 9 },
  { metric: "itl_p99_ms", rank: 10 },
  { metric: "e2e_ms", rank: 5 },
  { metric: "e2e_p99_ms", rank: 11 },
] as const;

/** A worker's own numbers, as many as fit. */
const MOST_OWN = 6;

/** The columns of a summary: what varies first, then how many runs, then each known number. */
export function summaryColumns(summary: Summary, signs: Signs): Column[] {
  const { rows } = summary;
  const metrics = METRICS.filter(({ metric }) => rows.some((row) => isKnown(row, metric)));
  const measured = metrics.map(({ metric, rank }) =>
    // A range beside every number would make lines that nobody can read.
    numbers(
      metricHeading(metric),
      rows.map((row) => metricCell(row, metric, signs, metric === OUTPUT ? "wide" : "narrow")),
      rank,
    )
  );
  const [output, ...latencies] = measured;
  const others = [...goodputColumn(rows, signs), ...failedColumn(rows), ...latencies];
  const speed = metrics[0]?.metric === OUTPUT && output !== undefined;
  const joules = energyColumns(rows, signs);
  const own = metrics.length > 0 ? [] : ownColumns(rows, joules.length > 0, signs);
  return [
    ...nameColumns(summary),
    column("runs", rows.map(runsCell)),
    // How many times the rate of another load a load has is not what anybody asks first.
    ...speed ? [output, ...ratioColumn(rows, OUTPUT, ratioHeading("headline"), isServed(rows) ? 4 : 1)] : [],
    ...speed ? others : [...goodputColumn(rows, signs), ...failedColumn(rows), ...measured],
    ...own,
    ...joules,
  ];
}

/** True for a study of servers under load. */
function isServed(rows: readonly SummaryRow[]): boolean {
  return rows.some(({ load }) => load !== undefined);
}

/** Good requests a second, and how many of the runs kept the promise. */
function goodputColumn(rows: readonly SummaryRow[], signs: Signs): Column[] {
  if (rows.every((row) => !isKnown(row, GOODPUT))) return [];
  const cells = rows.map((row): NumberCell => {
    const { text, form } = metricCell(row, GOODPUT, signs, "narrow");
    return { text: goodputWithVerdict(text, row.slo === undefined ? "" : runsMet(row.slo)), form };
  });
  return [numbers(metricHeading(GOODPUT), cells)];
}

/** Requests that failed, of all runs of a row; no column where none did. */
function failedColumn(rows: readonly SummaryRow[]): Column[] {
  const counts = rows.map(({ values }) =>
    (values?.[FAILED_REQUESTS] ?? []).reduce<number>((sum, count) => sum + (count ?? 0), 0)
  );
  if (counts.every((count) => count === 0)) return [];
  return [column(metricHeading(FAILED_REQUESTS), counts.map(String), 2)];
}

/** What tells the rows apart, and which of them is the best. */
function nameColumns({ rows, about }: Summary): Column[] {
  const best = rows.some((row) => row.best) ? [column("", rows.map((row) => row.best ? BEST_MARK : ""))] : [];
  const varied = [...new Set(rows.flatMap((row) => Object.keys(row.varied)))].filter((path) =>
    path !== "model"
  );
  const models = new Set(rows.map((row) => row.model));
  // What is above the table names a model that all rows share.
  const isNamed = models.size > 1 ||
    varied.length === 0 && about.length === 0 && rows.some(({ model }) => model !== "none");
  return [
    ...best,
    ...isNamed ? [column("model", rows.map((row) => printable(row.model)))] : [],
    ...labelledPaths(varied, rows.some(({ load }) => load !== undefined)).map((each) =>
      column(
        each.label,
        rows.map(({ varied, load = null }) => printable(labelledCell(each, (path) => varied[path], load))),
      )
    ),
  ];
}

function column(head: string, cells: readonly string[], rank = NEVER): Column {
  return { head, cells, rank };
}

function numbers(head: string, cells: readonly NumberCell[], rank = NEVER): Column {
  return { head, cells: cells.map(({ text }) => text), rank, forms: cells.map(({ form }) => form) };
}

const NO_NUMBER: NumberCell = { text: "-", form: "plain" };

function runsCell(row: SummaryRow): string {
  const total = row.completed + row.failed + row.interrupted + row.pending;
  const { completed, failed, contended, client_limited = 0 } = row;
  return runCounts({ completed, failed, contended, client_limited, total });
}

function metricCell(
  row: SummaryRow,
  metric: string,
  signs: Signs,
  room: "wide" | "narrow" = "wide",
): NumberCell {
  const value = row.metrics[metric];
  return value === null || value === undefined
    ? NO_NUMBER
    : marked(spreadCell(value, signs, room), row, metric);
}

function marked({ text, form }: NumberCell, row: SummaryRow, metric: string): NumberCell {
  const isApart = row.outliers.some((outlier) => outlier.metric === metric);
  return { text: text + (isApart ? OUTLIER_MARK : ""), form };
}

/** The ratio to the first row by a metric; no column where nothing can be compared. */
function ratioColumn(rows: readonly SummaryRow[], metric: string, head: string, rank: number): Column[] {
  const isCompared = rows.some(({ vs_first }) => vs_first[metric] !== undefined);
  if (!isCompared) return [];
  const cells = rows.map(({ vs_first }, index) => {
    const found = vs_first[metric];
    return found === undefined ? index === 0 ? "1" : "-" : ratioCell(found);
  });
  return [column(head, cells, rank)];
}

/** Joules a token where there are tokens, else joules; with the worst verdict of the runs that they are of. */
function energyColumns(rows: readonly SummaryRow[], signs: Signs): Column[] {
  if (rows.every(({ energy }) => energy === null)) return [];
  const hasTokens = rows.some((row) => row.energy !== null && isKnown(row, "output_tokens"));
  const metric = hasTokens ? JOULES_PER_TOKEN : "energy_j";
  const cells = rows.map((row) => joulesCell(row, metric, signs));
  const ratios = ratioColumn(rows, metric, ratioHeading("energy"), 12);
  const idle = isServed(rows) && rows.some((row) => isKnown(row, IDLE_SHARE))
    ? [numbers(metricHeading(IDLE_SHARE), rows.map((row) => metricCell(row, IDLE_SHARE, signs, "narrow")), 6)]
    : [];
  return [{ ...numbers(metricHeading(metric), cells), isEnergy: true }, ...idle, ...ratios];
}

function joulesCell(row: SummaryRow, metric: "energy_j" | "j_per_output_token", signs: Signs): NumberCell {
  const { energy } = row;
  if (energy === null) return NO_NUMBER;
  const value = energy[metric];
  const runs = { n: value?.n ?? 0, total: row.completed };
  if (value === null) return { text: energyWithVerdict(null, energy.verdict, runs), form: "plain" };
  const { text, form } = marked(energyCell(value, signs), row, metric);
  // An unattributable run has no number.
  const verdict = ENERGY_VERDICTS.findLast((each) => each !== "unattributable" && energy.verdicts[each] > 0);
  return { text: energyWithVerdict(text, verdict ?? energy.verdict, runs), form };
}

/** A study without token metrics (a worker of one's own) shows that worker's numbers first; the first one is compared. */
function ownColumns(rows: readonly SummaryRow[], hasEnergy: boolean, signs: Signs): Column[] {
  const names = new Set(
    rows.flatMap((row) => Object.keys(row.metrics).filter((name) => isKnown(row, name))),
  );
  const own = ownMetrics(names);
  // Numbers of energy stand only where their verdict does.
  const others = [...names].filter((name) => isHeadline(name) && !(hasEnergy && METERED_METRICS.has(name)));
  return [...own, ...others].slice(0, MOST_OWN).flatMap((name, index) => [
    numbers(name, rows.map((row) => metricCell(row, name, signs)), index === 0 ? NEVER : index + 1),
    ...index === 0 ? ratioColumn(rows, name, ratioHeading("headline"), 1) : [],
  ]);
}

function isKnown(row: SummaryRow, metric: string): boolean {
  return row.metrics[metric] !== null && row.metrics[metric] !== undefined;
}
