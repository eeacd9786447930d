import { CSV_LINE_END, quotedField } from "../base/csv.ts";
import { largest } from "../base/numbers.ts";
import type { Spread } from "../statistics/spread.ts";
import { intervalOf } from "./energy/metric_interval.ts";
import type { Summary, SummaryRow } from "./summary.ts";
import { cell } from "./varied.ts";

/** Digits of a number that was measured: more than any meter has, few enough to read. */
const DIGITS = 7;
/** Characters of one piece of the text, about. */
const PIECE_CHARS = 64 * 1024;

/**
 * summary.csv (RFC 4180): one line per experiment; every metric as its mean, and, but for a count that is the same in all
 * runs, its median, standard deviation, geometric mean and 95 % interval as in the table; at the end what the energy is worth
 * and how many runs were contended, and how they shared the machine where several were made at a time. A metric without a number in any line is left out. No two columns have one name: a metric
 * of the worker's own whose columns would repeat others stands as `metrics.NAME`. In pieces of some lines: a million lines are
 * a GiB.
 */
export function* summaryCsvPieces(summary: Summary): Generator<string> {
  const paths = new Set<string>();
  for (const { varied } of summary.rows) for (const path of Object.keys(varied)) paths.add(path);
  const varied = [...paths].filter((path) => path !== "model" && path !== "backend");
  const metrics = metricsOf(summary);
  const before = ["config_hash", "model", "backend", ...varied, ...COUNTS];
  const slo = summary.slo === undefined ? [] : ["slo_met", "slo_certified"];
  const hasCompany = summary.rows.some(({ parallel }) => parallel !== undefined);
  const after = ["energy_verdict", "energy_method", "contended", ...slo, ...hasCompany ? COMPANY : []];
  const header = [...before, ...metricColumns(metrics, [...before, ...after]), ...after];
  let piece = header.map(quotedField).join(",") + CSV_LINE_END;
  for (const row of summary.rows) {
    if (piece.length >= PIECE_CHARS) {
      yield piece;
      piece = "";
    }
    piece += lineOf(row, { varied, metrics, hasSlo: slo.length > 0, hasCompany }) + CSV_LINE_END;
  }
  yield piece;
}

const COUNTS = ["completed", "failed", "interrupted", "pending"] as const;

interface Shape {
  readonly varied: readonly string[];
  readonly metrics: readonly MetricColumns[];
  readonly hasSlo: boolean;
  readonly hasCompany: boolean;
}

/** How runs shared the machine: the modes, the slots, and the most runs that were beside one. */
const COMPANY = ["parallel.mode", "slot", "beside"] as const;

function companyFields({ parallel = [] }: SummaryRow): string {
  const modes = [...new Set(parallel.map(({ mode }) => mode))].sort().join(" ");
  const slots = [...new Set(parallel.map(({ slot }) => slot))].sort((one, other) => one - other).join(" ");
  return `,${modes},${slots},${parallel.length === 0 ? "" : largest(parallel.map(({ beside }) => beside))}`;
}

function lineOf(row: SummaryRow, { varied, metrics, hasSlo, hasCompany }: Shape): string {
  let line = [row.config_hash, row.model, row.backend].map(quotedField).join(",");
  for (const path of varied) line += `,${quotedField(cell(row.varied[path]))}`;
  for (const name of COUNTS) line += `,${row[name]}`;
  for (const { name, differs } of metrics) {
    const value = row.metrics[name] ?? null;
    line += differs
      ? spreadFields(name, value, row.energy)
      : `,${value === null ? "" : numberText(value.mean)}`;
  }
  line += `,${row.energy?.verdict ?? ""},${
    quotedField(row.energy?.methods.join(" ") ?? "")
  },${row.contended}`;
  if (hasSlo) line += `,${row.slo?.met ?? 0},${row.slo?.certified ?? 0}`;
  return hasCompany ? line + companyFields(row) : line;
}

/** In the order of SPREAD_COLUMNS, after the mean. */
function spreadFields(metric: string, value: Spread | null, energy: SummaryRow["energy"]): string {
  if (value === null) return NO_SPREAD;
  const { mean, median, std, geomean } = value;
  const { low95, high95 } = energy === null ? value : intervalOf(energy, metric, value);
  return `,${numberText(mean)},${numberText(median)},${numberText(std)},${numberText(geomean)},${
    numberText(low95)
  },${numberText(high95)}`;
}

const SPREAD_COLUMNS = ["median", "std", "geomean", "low95", "high95"] as const;
const NO_SPREAD = ",".repeat(SPREAD_COLUMNS.length + 1);

interface MetricColumns {
  readonly name: string;
  /** False for a count that is the same in all runs of an experiment. */
  readonly differs: boolean;
}

/** Those of which a row has a number, in the order in which the rows name them. */
function metricsOf({ rows }: Summary): MetricColumns[] {
  const differs = new Map<string, boolean | null>();
  for (const { metrics } of rows) {
    for (const name of Object.keys(metrics)) {
      const value = metrics[name] ?? null;
      const known = differs.get(name);
      if (value === null || known === true) {
        if (known === undefined) differs.set(name, null);
      } else differs.set(name, (value.std ?? 0) > 0 || !Number.isInteger(value.mean));
    }
  }
  return [...differs].flatMap(([name, found]) => found === null ? [] : [{ name, differs: found }]);
}

/** A number to its digits, in the shortest way to write it. */
function numberText(value: number | null): string {
  if (value === null) return "";
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  // Some ten times as quick as by way of a text.
  const decimals = DIGITS - 1 - Math.floor(Math.log10(size));
  const scale = POWERS[decimals];
  return size >= 1e-3 && scale !== undefined
    ? String(Math.round(value * scale) / scale)
    : String(Number(value.toPrecision(DIGITS)));
}

const POWERS: readonly number[] = Array.from({ length: 11 }, (_, exponent) => 10 ** exponent);

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
  return differs ? [name, ...SPREAD_COLUMNS.map((what) => `${name}_${what}`)] : [name];
}
