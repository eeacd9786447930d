import { dirname, join } from "node:path";
import { readRegularText } from "../base/files.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { smallest } from "../base/numbers.ts";
import { median } from "../base/quantile.ts";
import { tQuantile } from "../base/student_t.ts";
import type { EarlierSpread, MetricSpread, WindowSpread } from "../plan/advice.ts";
import { tellEarlier } from "./earlier_studies.ts";

/** How much is read at most, so that a folder of thousands of studies costs no more than one of a few. */
const MOST_STUDIES = 10;
const MOST_BYTES = 4_000_000;
/** Of one configuration, for their passes. */
const MOST_RUNS = 6;
const MOST_PASSES = 200;

/** What one study tells. */
interface Told {
  readonly metrics: readonly MetricSpread[];
  readonly window: WindowSpread | null;
}

/**
 * How runs of these configurations scattered, by the newest study directories of a folder that were made on a machine like this
 * one. Never throws: a directory that cannot be read counts for nothing.
 */
export function earlierSpread(folder: string, hashes: ReadonlySet<string>): EarlierSpread {
  let hasWindow = false;
  const told = tellEarlier(folder, MOST_STUDIES, (dir): Told | null => {
    const rows = rowsOf(dir).filter(({ config_hash }) => hashes.has(String(config_hash)));
    const metrics = rows.flatMap(spreadsOf);
    if (metrics.length === 0) return null;
    const window = hasWindow ? null : windowOf(dir, hashes);
    hasWindow ||= window !== null;
    return { metrics, window };
  });
  const byMetric = Map.groupBy(told.flatMap(({ metrics }) => metrics), ({ metric }) => metric);
  return {
    metrics: [...byMetric].map(([metric, all]) => pooled(metric, all)),
    window: told.find(({ window }) => window !== null)?.window ?? null,
    studies: told.length,
  };
}

function rowsOf(dir: string): JsonObject[] {
  const { rows } = readObject(join(dir, "summary.json"));
  return Array.isArray(rows) ? rows.filter(isJsonObject) : [];
}

/** The spread of every metric of a row, from the interval of its mean. */
function spreadsOf({ metrics }: JsonObject): MetricSpread[] {
  if (!isJsonObject(metrics)) return [];
  return Object.entries(metrics).flatMap(([metric, value]): MetricSpread[] => {
    if (!isJsonObject(value)) return [];
    const [n, relative] = [Number(value.n), value.relative95];
    if (!Number.isInteger(n) || n < 2 || typeof relative !== "number") return [];
    const deviation = Math.log1p(relative) * Math.sqrt(n) / tQuantile(0.975, n - 1);
    return [{ metric, deviation, degrees: n - 1 }];
  });
}

function pooled(metric: string, all: readonly MetricSpread[]): MetricSpread {
  const degrees = all.reduce((sum, each) => sum + each.degrees, 0);
  const squares = all.reduce((sum, each) => sum + each.degrees * each.deviation ** 2, 0);
  return { metric, deviation: Math.sqrt(squares / degrees), degrees };
}

/** The passes of runs of one configuration; null where no run tells them. */
function windowOf(dir: string, hashes: ReadonlySet<string>): WindowSpread | null {
  const { experiments } = readObject(join(dir, "manifest.json"));
  const entries = Array.isArray(experiments) ? experiments.filter(isJsonObject) : [];
  const completed = entries.filter(({ config_hash, status }) =>
    hashes.has(String(config_hash)) && status === "completed"
  );
  const own = completed.filter(({ config_hash }) => config_hash === completed[0]?.config_hash);
  const runs = own.slice(0, MOST_RUNS).flatMap(({ result_file }) => {
    const run = typeof result_file === "string" ? passesOf(join(dir, result_file)) : null;
    return run === null ? [] : [run];
  });
  const passes = smallest(runs.map(({ passes_s }) => passes_s.length), 0);
  if (runs.length < 2 || passes < 2) return null;
  return {
    passes_s: runs.map(({ passes_s }) => passes_s.slice(0, passes)),
    run_s: median(runs.map(({ run_s }) => run_s)),
  };
}

/** What each pass of a run took, and the run besides them; null where it made one, or does not tell. */
function passesOf(
  result_file: string,
): { readonly passes_s: readonly number[]; readonly run_s: number } | null {
  try {
    const { measurement, timing, throughput } = readObject(result_file);
    const metrics = isJsonObject(measurement) ? measurement.metrics : null;
    const passes = isJsonObject(metrics) ? Number(metrics.passes) : NaN;
    const window_s = isJsonObject(throughput) ? Number(throughput.window_s) : NaN;
    const duration_s = isJsonObject(timing) ? Number(timing.duration_s) : NaN;
    if (!(passes >= 2) || !(duration_s > window_s)) return null;
    const times = requestTimes(join(dirname(result_file), "requests.jsonl"));
    const size = times.length / passes;
    if (!Number.isInteger(size) || size < 1) return null;
    const made = Math.min(passes, MOST_PASSES);
    const sums = Array.from({ length: made }, (_, pass) => {
      const own = times.slice(pass * size, (pass + 1) * size);
      return own.reduce((sum, ms) => sum + ms, 0) / 1000;
    });
    return sums.every((seconds) => seconds > 0) ? { passes_s: sums, run_s: duration_s - window_s } : null;
  } catch {
    return null;
  }
}

/** Milliseconds of each request, by its index. */
function requestTimes(path: string): number[] {
  const times: number[] = [];
  for (const line of readRegularText(path, MOST_BYTES).split("\n")) {
    if (line === "") continue;
    const { index, e2e_ms }: JsonObject = JSON.parse(line);
    if (typeof index === "number" && typeof e2e_ms === "number") times[index] = e2e_ms;
  }
  return times;
}

function readObject(path: string): JsonObject {
  const value: Json = JSON.parse(readRegularText(path, MOST_BYTES));
  return isJsonObject(value) ? value : {};
}
