import { printable } from "../../base/text.ts";
import type { Summary, SummaryRow } from "../../results/summary.ts";
import { cell } from "../../results/varied.ts";
import { energyCell, OUTLIER_MARK, ratioCell, spreadCell } from "./cells.ts";
import { metricHeading, ratioHeading, runCounts } from "./messages.ts";
import { shortLabel } from "../run_name.ts";
import type { Signs } from "./signs.ts";

/** A column of the table of results. */
export interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  /** The higher, the earlier it goes where the terminal is too narrow; 0 never. */
  readonly rank: number;
}

/** Marks the row with the best output rate. */
export const BEST_MARK = "*";

const NEVER = 0;
const OUTPUT = "output_tokens_per_s";
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

/** Numbers of energy stand only where their verdict does. */
const OF_ENERGY: readonly string[] = [
  "energy_j",
  "energy_uncertainty_j",
  JOULES_PER_TOKEN,
  "j_per_total_token",
  "avg_power_w",
  "wh_per_1000_requests",
  "energy_adjusted_j",
  "baseline_power_w",
];
/** A worker's own numbers, as many as fit. */
const MOST_OWN = 6;

/** The columns of a summary: what varies first, then how many runs, then each known number. */
export function summaryColumns(summary: Summary, signs: Signs): Column[] {
  const { rows } = summary;
  const metrics = METRICS.filter(({ metric }) => rows.some((row) => isKnown(row, metric)));
  const measured = metrics.map(({ metric, rank }): Column => ({
    head: metricHeading(metric),
    rank,
    // A range beside every number would make lines that nobody can read.
    cells: rows.map((row) => metricCell(row, metric, signs, metric === OUTPUT ? "wide" : "narrow")),
  }));
  const [output, ...others] = measured;
  const speed = metrics[0]?.metric === OUTPUT && output !== undefined;
  const joules = energyColumns(rows, signs);
  const own = metrics.length > 0 ? [] : ownColumns(rows, joules.length > 0, signs);
  return [
    ...nameColumns(summary),
    column("runs", rows.map(runsCell)),
    ...speed ? [output, ...ratioColumn(rows, OUTPUT, ratioHeading("headline"), 1)] : [],
    ...speed ? others : measured,
    ...own,
    ...joules,
  ];
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
    ...varied.map((path) => column(shortLabel(path), rows.map((row) => printable(cell(row.varied[path]))))),
  ];
}

function column(head: string, cells: readonly string[], rank = NEVER): Column {
  return { head, cells, rank };
}

function runsCell(row: SummaryRow): string {
  const total = row.completed + row.failed + row.interrupted + row.pending;
  const { completed, failed, contended } = row;
  return runCounts({ completed, failed, contended, total });
}

function metricCell(
  row: SummaryRow,
  metric: string,
  signs: Signs,
  room: "wide" | "narrow" = "wide",
): string {
  const value = row.metrics[metric];
  if (value === null || value === undefined) return "-";
  const isApart = row.outliers.some((outlier) => outlier.metric === metric);
  return spreadCell(value, signs, room) + (isApart ? OUTLIER_MARK : "");
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

/** Joules a token where there are tokens, else joules; with the worst verdict of the cycles beside them. */
function energyColumns(rows: readonly SummaryRow[], signs: Signs): Column[] {
  if (rows.every(({ energy }) => energy === null)) return [];
  const hasTokens = rows.some((row) => row.energy !== null && isKnown(row, "output_tokens"));
  const metric = hasTokens ? JOULES_PER_TOKEN : "energy_j";
  const cells = rows.map((row) => joulesCell(row, metric, signs));
  const ratios = ratioColumn(rows, metric, ratioHeading("energy"), 12);
  return [column(metricHeading(metric), cells), ...ratios];
}

function joulesCell(row: SummaryRow, metric: "energy_j" | "j_per_output_token", signs: Signs): string {
  const { energy } = row;
  if (energy === null) return "-";
  const value = energy[metric];
  if (value === null) return `- ${energy.verdict}`;
  const isApart = row.outliers.some((outlier) => outlier.metric === metric);
  return `${energyCell(value, signs)}${isApart ? OUTLIER_MARK : ""} ${energy.verdict}`;
}

/** A study without token metrics (a worker of one's own) shows that worker's numbers; the first of them is compared. */
function ownColumns(rows: readonly SummaryRow[], hasEnergy: boolean, signs: Signs): Column[] {
  const names = new Set(
    rows.flatMap((row) =>
      Object.keys(row.metrics).filter((name) =>
        isKnown(row, name) && !(hasEnergy && OF_ENERGY.includes(name))
      )
    ),
  );
  return [...names].slice(0, MOST_OWN).flatMap((name, index) => [
    column(name, rows.map((row) => metricCell(row, name, signs)), index === 0 ? NEVER : index + 1),
    ...index === 0 ? ratioColumn(rows, name, ratioHeading("headline"), 1) : [],
  ]);
}

function isKnown(row: SummaryRow, metric: string): boolean {
  return row.metrics[metric] !== null && row.metrics[metric] !== undefined;
}
