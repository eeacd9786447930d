import type { Summary } from "./summary.ts";
import { cell } from "./varied.ts";

/** Digits of a number that was measured: more than any meter has, few enough to read. */
const DIGITS = 7;

/**
 * summary.csv (RFC 4180): one line per experiment; every metric as mean, std and 95 % half width; at the end what the
 * energy is worth and how many runs were contended. No two columns have one name: a metric of the worker's own whose columns
 * would repeat others stands as `metrics.NAME`.
 */
export function summaryCsv(summary: Summary): string {
  const varied = [...new Set(summary.rows.flatMap((row) => Object.keys(row.varied)))]
    .filter((path) => path !== "model" && path !== "backend");
  const metrics = [...new Set(summary.rows.flatMap((row) => Object.keys(row.metrics)))];
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
  const after = ["energy_verdict", "energy_method", "contended"];
  const header = [...before, ...metricColumns(metrics, [...before, ...after]), ...after];
  const lines = summary.rows.map((row) => [
    row.config_hash,
    row.model,
    row.backend,
    ...varied.map((path) => cell(row.varied[path])),
    ...[row.completed, row.failed, row.interrupted, row.pending].map(String),
    ...metrics.flatMap((name) => {
      const value = row.metrics[name];
      return [value?.mean, value?.std, value?.ci95].map((number) => numberText(number ?? null));
    }),
    row.energy?.verdict ?? "",
    row.energy?.methods.join(" ") ?? "",
    String(row.contended),
  ]);
  return [header, ...lines].map((line) => line.map(csvField).join(",") + "\r\n").join("");
}

function numberText(value: number | null): string {
  if (value === null) return "";
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS)));
}

/** Three columns for each metric, none of which is called as another one or one of `others`. */
function metricColumns(metrics: readonly string[], others: readonly string[]): string[] {
  const taken = new Set(others);
  return metrics.flatMap((metric) => {
    let columns = columnsOf(metric);
    for (let name = metric; columns.some((column) => taken.has(column)); columns = columnsOf(name)) {
      name = `metrics.${name}`;
    }
    for (const column of columns) taken.add(column);
    return columns;
  });
}

function columnsOf(name: string): string[] {
  return [name, `${name}_std`, `${name}_ci95`];
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
