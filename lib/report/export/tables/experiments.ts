import type { Spread } from "../../../statistics/spread.ts";
import { type Interval, intervalOf } from "../../../results/energy/metric_interval.ts";
import type { SummaryRow } from "../../../results/summary.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import { type Column, inBatches, type Row, type Table } from "../table.ts";
import { configFields, configsOf } from "./config_fields.ts";
import { columnsOf, declaring, type Field, rowOf } from "./field.ts";
import { metricFacts, metricNames, uniqueNames } from "./metric_fields.ts";

interface Experiment {
  readonly study: StudyTable;
  readonly row: SummaryRow;
}

const field = declaring<Experiment>();

/** What every `experiments` table has before its configuration and metrics. */
export const EXPERIMENT_FIELDS: readonly Field<Experiment>[] = [
  field("study_id", "text", ({ study }) => study.id).describe("Name of the study directory."),
  field("study_name", "text", ({ study }) => study.name).describe("`name` of the study file."),
  field("study_design_hash", "text", ({ study }) => study.study_design_hash).describe(
    "The study, by its experiments.",
  ),
  field("study_status", "text", ({ study }) => study.status).describe(
    "running, completed, failed or interrupted.",
  ),
  field("study_started_at", "text", ({ study }) => study.started_at).describe("UTC, ISO 8601."),
  field("study_ended_at", "text", ({ study }) => study.ended_at).describe(
    "UTC, ISO 8601; empty while it is not over.",
  ),
  field("config_hash", "text", ({ row }) => row.config_hash).describe("The configuration, by its content."),
  field("join_hash", "text", ({ row }) => row.join_hash).describe(
    "The same with model and prompts by their content: joins studies.",
  ),
  field("model", "text", ({ row }) => row.model).describe("`model` of the configuration."),
  field("backend", "text", ({ row }) => row.backend).describe("`backend` of the configuration."),
  field("completed", "integer", ({ row }) => row.completed).describe(
    "Runs that completed; the statistics are over these.",
  ),
  field("failed", "integer", ({ row }) => row.failed).describe("Runs that did not complete."),
  field("interrupted", "integer", ({ row }) => row.interrupted).describe("Runs that the user stopped."),
  field("pending", "integer", ({ row }) => row.pending).describe(
    "Runs that are not made yet, or have lost their result.",
  ),
  field("contended", "integer", ({ row }) => row.contended).describe(
    "Completed runs that other work slowed down.",
  ),
  field("energy_verdict", "text", ({ row }) => row.energy?.verdict ?? null).describe(
    "The worst of its runs: resolved, marginal or unattributable.",
  ),
  field("energy_method", "text", ({ row }) => row.energy?.methods.join(" ") ?? null).describe(
    "Which meters the energy comes from, apart by spaces.",
  ),
  field("slo_met", "integer", ({ row }) => row.slo?.met ?? null).describe(
    "Completed runs that kept the study's `slo`.",
  ),
  field("slo_certified", "integer", ({ row }) => row.slo?.certified ?? null).describe(
    "Those of which that is proven at 99 % confidence.",
  ),
];

interface Statistic {
  /** What stands behind the name of the metric. */
  readonly suffix: string;
  readonly of: (spread: Spread, interval: Interval) => number | null;
  readonly definition: string;
}

function statistic(suffix: string, of: Statistic["of"]): { describe(definition: string): Statistic } {
  return { describe: (definition) => ({ suffix, of, definition }) };
}

/** The columns of each metric, by what stands behind its name. */
export const STATISTICS: readonly Statistic[] = [
  statistic("", ({ mean }) => mean).describe("Mean over completed runs."),
  statistic("_geomean", ({ geomean }) => geomean).describe("Geometric mean."),
  statistic("_low95", (_, { low95 }) => low95).describe(
    "Lower end of the 95 % interval: Student t on logarithms, or on the values where one is not positive; of energy with the meter's errors.",
  ),
  statistic("_high95", (_, { high95 }) => high95).describe("Upper end of it."),
  statistic("_median", ({ median }) => median).describe("Median over completed runs."),
  statistic("_std", ({ std }) => std).describe("Sample standard deviation (n - 1)."),
  statistic("_min", ({ min }) => min).describe("Smallest run."),
  statistic("_max", ({ max }) => max).describe("Largest run."),
  statistic("_n", ({ n }) => n).describe("Runs that gave the number."),
];

/** `experiments`: a row for each configuration of each study, with statistics over its runs. */
export function experimentsTable(studies: readonly StudyTable[]): Table {
  const before = [
    ...EXPERIMENT_FIELDS,
    ...configFields<Experiment>(configsOf(studies), ({ row }) => row.config_hash),
  ];
  const metrics = metricNames(studies);
  const wished = metrics.flatMap((metric) => STATISTICS.map((statistic) => ({ metric, statistic })));
  const names = uniqueNames(wished.map(({ metric, statistic }) => metric + statistic.suffix), before);
  const columns: Column[] = [
    ...columnsOf(before),
    ...wished.map(({ metric, statistic: { suffix, definition } }, index): Column => ({
      ...metricFacts(metric),
      name: names[index] ?? metric + suffix,
      ...suffix === "" ? {} : { definition },
      ...suffix === "_n" ? { type: "integer", unit: "runs" } : {},
    })),
  ];
  return { name: "experiments", columns, batches: inBatches(rows()) };

  function* rows(): Generator<Row> {
    for (const study of studies) {
      for (const row of study.summary.rows) {
        yield [
          ...rowOf(before, { study, row }),
          ...metrics.flatMap((metric) => {
            const spread = row.metrics[metric] ?? null;
            if (spread === null) return STATISTICS.map(() => null);
            const interval = intervalOf(row.energy, metric, spread);
            return STATISTICS.map(({ of }) => of(spread, interval));
          }),
        ];
      }
    }
  }
}
