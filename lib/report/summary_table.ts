import type { Summary, SummaryRow } from "../results/summary.ts";
import type { Spread } from "../statistics/spread.ts";
import { cell } from "../results/varied.ts";
import { shortLabel } from "./run_name.ts";
import { textTable } from "./table.ts";
import { formatNumber, printable } from "../base/text.ts";

const COLUMNS = [
  { metric: "output_tokens_per_s", head: "output tok/s" },
  { metric: "ttft_ms", head: "TTFT ms" },
  { metric: "itl_ms", head: "ITL ms" },
  { metric: "e2e_ms", head: "E2E ms" },
  { metric: "j_per_output_token", head: "J/token" },
] as const;

/** Numbers of energy stand only where their verdict does. */
const OF_ENERGY: readonly string[] = [
  "energy_j",
  "energy_uncertainty_j",
  "j_per_output_token",
  "j_per_total_token",
  "avg_power_w",
  "wh_per_1000_requests",
  "energy_adjusted_j",
  "baseline_power_w",
];

/**
 * The results as people read them: one row per experiment, what varies first, means over cycles with the half
 * width of their 95 % interval.
 */
export function summaryTable(summary: Summary): string {
  const { rows } = summary;
  const varied = [...new Set(rows.flatMap((row) => Object.keys(row.varied)))].filter((path) =>
    path !== "model"
  );
  const models = new Set(rows.map((row) => row.model));
  const fixed = models.size > 1 || varied.length === 0 ? ["model"] : [];
  const columns = COLUMNS.filter(({ metric }) =>
    rows.some((row) =>
      isKnown(row.metrics[metric]) || metric === "j_per_output_token" && row.energy !== null && hasTokens(row)
    )
  );
  const own = ownMetrics(rows, columns.length);
  const joules = columns.every(({ metric }) => metric !== "j_per_output_token") &&
    rows.some((row) => row.energy !== null);
  const head = [
    ...fixed,
    ...varied.map(shortLabel),
    "runs",
    ...columns.map((column) => column.head),
    ...own,
    ...(joules ? ["J"] : []),
  ];
  const lines = rows.map((row) => [
    ...fixed.map(() => printable(row.model)),
    ...varied.map((path) => printable(cell(row.varied[path]))),
    runsCell(row),
    ...columns.map(({ metric }) =>
      metric === "j_per_output_token" ? energyCell(row, metric) : spreadCell(row.metrics[metric])
    ),
    ...own.map((metric) => spreadCell(row.metrics[metric])),
    ...(joules ? [energyCell(row, "energy_j")] : []),
  ]);
  return textTable(head, lines);
}

/** A study without token metrics (a worker of one's own) shows that worker's numbers, as many as fit. */
function ownMetrics(rows: readonly SummaryRow[], known: number): string[] {
  if (known > 0) return [];
  const names = new Set(
    rows.flatMap((row) =>
      Object.keys(row.metrics).filter((name) => isKnown(row.metrics[name]) && !OF_ENERGY.includes(name))
    ),
  );
  return [...names].slice(0, 6);
}

function runsCell(row: SummaryRow): string {
  const total = row.completed + row.failed + row.interrupted + row.pending;
  const failed = row.failed > 0 ? ` (${row.failed} failed)` : "";
  return `${row.completed}/${total}${failed}`;
}

function hasTokens(row: SummaryRow): boolean {
  return isKnown(row.metrics["output_tokens"]);
}

/** The mean with the errors of meter and repeats together, and the worst verdict of the cycles beside it. */
function energyCell({ energy }: SummaryRow, metric: "energy_j" | "j_per_output_token"): string {
  if (energy === null) return "-";
  const value = energy[metric];
  if (value === null) return `- ${energy.verdict}`;
  const error = value.combined === null ? "" : ` +- ${formatNumber(value.combined)}`;
  return `${formatNumber(value.mean)}${error} ${energy.verdict}`;
}

function isKnown(value: Spread | null | undefined): value is Spread {
  return value !== null && value !== undefined;
}

function spreadCell(value: Spread | null | undefined): string {
  if (!isKnown(value)) return "-";
  return value.ci95 === null
    ? formatNumber(value.mean)
    : `${formatNumber(value.mean)} +- ${formatNumber(value.ci95)}`;
}
