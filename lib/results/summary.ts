import type { Json } from "../base/json.ts";
import { LLEM_VERSION } from "../base/version.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunStatus } from "../experiment/outcome.ts";
import { MAX_STUDY_METRICS } from "../protocol/bounds.ts";
import { type EnergySummary, type RunEnergy, summariseEnergy } from "./energy/summary.ts";
import { HEADLINE_METRICS } from "./headline.ts";
import { type Spread, spread } from "../statistics/spread.ts";
import { cell, flatten, variedPaths } from "./varied.ts";

/** The end of one run (its last attempt), as far as a summary needs it. */
export interface RunSummary {
  readonly config_hash: string;
  readonly cycle: number;
  readonly status: RunStatus;
  readonly duration_s: number;
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Null where the run has no energy. */
  readonly energy: RunEnergy | null;
}

/** One experiment over its cycles. Metrics are over completed runs only. */
export interface SummaryRow {
  readonly config_hash: string;
  readonly model: string;
  readonly backend: string;
  /** The values that tell this experiment from the others, by dotted path. */
  readonly varied: Readonly<Record<string, Json>>;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly pending: number;
  readonly metrics: Readonly<Record<string, Spread | null>>;
  /** Over completed runs; null where none has energy. */
  readonly energy: EnergySummary | null;
}

/** summary.json. */
export interface Summary {
  readonly schema: "llem.summary/1";
  readonly llem_version: string;
  readonly study_name: string | null;
  readonly study_design_hash: string;
  readonly n_cycles: number;
  readonly rows: readonly SummaryRow[];
}

export interface SummaryExperiment {
  readonly config_hash: string;
  readonly config: ExperimentConfig;
  /** Runs of it that the study has, made or not. */
  readonly n_runs: number;
}

/** What the summary takes from the plan. */
export interface SummaryStudy {
  readonly name: string | null;
  readonly study_design_hash: string;
  readonly n_cycles: number;
  readonly experiments: readonly SummaryExperiment[];
}

/** One row per experiment, in the order of the plan, with statistics over its cycles. */
export function summarise(study: SummaryStudy, runs: readonly RunSummary[]): Summary {
  const byHash = Map.groupBy(runs, (run) => run.config_hash);
  const names = metricNames(runs);
  const paths = variedPaths(study.experiments.map(({ config }) => config));
  const rows = study.experiments.map(({ config_hash, config, n_runs }) => {
    const own = byHash.get(config_hash) ?? [];
    const flat = flatten(config);
    const completed = own.filter((run) => run.status === "completed");
    const of = (status: RunStatus): number => own.filter((run) => run.status === status).length;
    return {
      config_hash,
      model: config.model,
      backend: config.backend,
      varied: Object.fromEntries(
        paths.flatMap((path) => flat.has(path) ? [[path, flat.get(path) ?? null]] : []),
      ),
      completed: of("completed"),
      failed: of("failed"),
      interrupted: of("interrupted"),
      pending: n_runs - own.length,
      metrics: spreads(completed, names),
      energy: summariseEnergy(completed.map((run) => run.energy)),
    };
  });
  const { name, study_design_hash, n_cycles } = study;
  return {
    schema: "llem.summary/1",
    llem_version: LLEM_VERSION,
    study_name: name,
    study_design_hash,
    n_cycles,
    rows,
  };
}

/** Workers may name as many numbers as they like, and each is a column of every row: of their own, the first ones count. */
function metricNames(runs: readonly RunSummary[]): ReadonlySet<string> {
  const names = new Set<string>(HEADLINE_METRICS);
  for (const { metrics } of runs) {
    for (const name of Object.keys(metrics)) {
      if (names.size >= HEADLINE_METRICS.length + MAX_STUDY_METRICS) return names;
      names.add(name);
    }
  }
  return names;
}

function spreads(runs: readonly RunSummary[], known: ReadonlySet<string>): Record<string, Spread | null> {
  const own = runs.flatMap((run) => Object.keys(run.metrics)).filter((name) => known.has(name));
  const names = new Set<string>([...HEADLINE_METRICS, ...own]);
  return Object.fromEntries(
    [...names].map((
      name,
    ) => [name, spread(runs.map((run) => run.metrics[name] ?? null).filter((v) => v !== null))]),
  );
}

/** Two of our metrics by the names that llenergymeasure gives them. */
const OTHER_NAMES = { total_energy_j: "energy_j", avg_energy_per_token_j: "j_per_output_token" } as const;

/**
 * summary.csv (RFC 4180): one line per experiment; every metric as mean, std and 95 % half width; at the end what the
 * energy is worth and two of its numbers by the names of llenergymeasure. No two columns have one name: a metric of the
 * worker's own whose columns would repeat others stands as `metrics.NAME`.
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
  const after = ["energy_verdict", "energy_method", ...Object.keys(OTHER_NAMES)];
  const header = [...before, ...metricColumns(metrics, [...before, ...after]), ...after];
  const lines = summary.rows.map((row) => [
    row.config_hash,
    row.model,
    row.backend,
    ...varied.map((path) => cell(row.varied[path])),
    ...[row.completed, row.failed, row.interrupted, row.pending].map(String),
    ...metrics.flatMap((name) => {
      const value = row.metrics[name];
      return [value?.mean, value?.std, value?.ci95].map((number) => number === null ? "" : cell(number));
    }),
    row.energy?.verdict ?? "",
    row.energy?.methods.join(" ") ?? "",
    ...Object.values(OTHER_NAMES).map((name) => cell(row.metrics[name]?.mean)),
  ]);
  return [header, ...lines].map((line) => line.map(csvField).join(",") + "\r\n").join("");
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
