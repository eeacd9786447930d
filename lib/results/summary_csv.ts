import type { Summary } from "./summary.ts";
import { cell } from "./varied.ts";

/** Digits of a number that was measured: more than any meter has, few enough to read. */
const DIGITS = 7;

/**
 * summary.csv (RFC 4180): one line per experiment; every metric as its mean, and, but for a count that is the same in all
 * runs, its median, standard deviation and 95 % interval as in the table; at the end what the energy is worth and how many
 * runs were contended. A metric without a number in any line is left out. No two columns have one name: a metric of the
 * worker's own whose columns would repeat others stands as `metrics.NAME`.
 */
export function summaryCsv(summary: Summary): string {
  const varied = [...new Set(summary.rows.flatMap((row) => Object.keys(row.varied)))]
    .filter((path) => path !== "model" && path !== "backend");
  const metrics = metricsOf(summary);
  const before = [
    "config_hash",
    "model",
    "backend",
    ...varied,
    "completed",
    "failed",
    "interrupted",
    "pending",
  ];
  const slo = summary.slo === undefined ? [] : ["slo_met", "slo_certified"];
  const after = ["energy_verdict", "energy_method", "contended", ...slo];
  const header = [...before, ...metricColumns(metrics, [...before, ...after]), ...after];
  const lines = summary.rows.map((row) => [
    row.config_hash,
    row.model,
    row.backend,
    ...varied.map((path) => cell(row.varied[path])),
    ...[row.completed, row.failed, row.interrupted, row.pending].map(String),
    ...metrics.flatMap(({ name, differs }) => {
      const value = row.metrics[name];
      const numbers = [value?.mean, value?.median, value?.std, value?.low95, value?.high95];
      return (differs ? numbers : numbers.slice(0, 1)).map((number) => numberText(number ?? null));
    }),
    row.energy?.verdict ?? "",
    row.energy?.methods.join(" ") ?? "",
    String(row.contended),
    ...summary.slo === undefined ? [] : [row.slo?.met ?? 0, row.slo?.certified ?? 0].map(String),
  ]);
  return [header, ...lines].map((line) => line.map(csvField).join(",") + "\r\n").join("");
}

interface MetricColumns {
  readonly name: string;
  /** False for a count that is the same in all runs of an experiment. */
  readonly differs: boolean;
}

function metricsOf({ rows }: Summary): MetricColumns[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  return names.flatMap((name) => {
    const values = rows.map((row) => row.metrics[name] ?? null).filter((value) => value !== null);
    const differs = values.some(({ mean, std }) => (std ?? 0) > 0 || !Number.isInteger(mean));
    return values.length === 0 ? [] : [{ name, differs }];
  });
}

function numberText(value: number | null): string {
  if (value === null) return "";
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS)));
}

/** The columns of each metric, none of which is called as another one or one of `others`. */
function metricColumns(metrics: readonly MetricColumns[], others: readonly string[]): string[] {
  const taken = new Set(others);
  return metrics.flatMap((metric) => {
    let { name } = metric;
    let columns = columnsOf(metric);
    while (columns.some((column) => taken.has(column))) {
      name = `metrics.${name}`;
      columns = columnsOf({ ...metric, name });
    }
    for (const column of columns) taken.add(column);
    return columns;
  });
}

function columnsOf({ name, differs }: MetricColumns): string[] {
  return differs ? [name, ...["median", "std", "low95", "high95"].map((what) => `${name}_${what}`)] : [name];
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
