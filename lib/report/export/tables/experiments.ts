import type { Spread } from "../../../statistics/spread.ts";
import type { SummaryRow } from "../../../results/summary.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import { type Column, inBatches, type Row, type Table } from "../table.ts";
import { configFields, configsOf } from "./config_fields.ts";
import { columnsOf, type Field, field, rowOf } from "./field.ts";
import { metricFacts, metricNames, uniqueNames } from "./metric_fields.ts";

interface Experiment {
  readonly study: StudyTable;
  readonly row: SummaryRow;
}

/** What every `experiments` table has before its configuration and metrics. */
export const EXPERIMENT_FIELDS: readonly Field<Experiment>[] = [
  field("study_id", "text", "Name of the study directory.", ({ study }) => study.id),
  field("study_name", "text", "`name` of the study file.", ({ study }) => study.name),
  field(
    "study_design_hash",
    "text",
    "The study, by its experiments.",
    ({ study }) => study.study_design_hash,
  ),
  field("study_status", "text", "running, completed, failed or interrupted.", ({ study }) => study.status),
  field("study_started_at", "text", "UTC, ISO 8601.", ({ study }) => study.started_at),
  field(
    "study_ended_at",
    "text",
    "UTC, ISO 8601; empty while it is not over.",
    ({ study }) => study.ended_at,
  ),
  field("config_hash", "text", "The configuration, by its content.", ({ row }) => row.config_hash),
  field(
    "join_hash",
    "text",
    "The same with model and prompts by their content: joins studies.",
    ({ row }) => row.join_hash,
  ),
  field("model", "text", "`model` of the configuration.", ({ row }) => row.model),
  field("backend", "text", "`backend` of the configuration.", ({ row }) => row.backend),
  field(
    "completed",
    "integer",
    "Runs that completed; the statistics are over these.",
    ({ row }) => row.completed,
  ),
  field("failed", "integer", "Runs that did not complete.", ({ row }) => row.failed),
  field("interrupted", "integer", "Runs that the user stopped.", ({ row }) => row.interrupted),
  field(
    "pending",
    "integer",
    "Runs that are not made yet, or have lost their result.",
    ({ row }) => row.pending,
  ),
  field("contended", "integer", "Completed runs that other work slowed down.", ({ row }) => row.contended),
  field(
    "energy_verdict",
    "text",
    "The worst of its runs: resolved, marginal or unattributable.",
    ({ row }) => row.energy?.verdict ?? null,
  ),
  field(
    "energy_method",
    "text",
    "Which meters the energy comes from, apart by spaces.",
    ({ row }) => row.energy?.methods.join(" ") ?? null,
  ),
  field(
    "slo_met",
    "integer",
    "Completed runs that kept the study's `slo`.",
    ({ row }) => row.slo?.met ?? null,
  ),
  field(
    "slo_certified",
    "integer",
    "Those of which that is proven at 99 % confidence.",
    ({ row }) => row.slo?.certified ?? null,
  ),
];

interface Statistic {
  /** What stands behind the name of the metric. */
  readonly suffix: string;
  readonly of: (spread: Spread) => number | null;
  readonly definition: string;
}

/** The columns of each metric, by what stands behind its name. */
export const STATISTICS: readonly Statistic[] = [
  { suffix: "", of: ({ mean }) => mean, definition: "Mean over completed runs." },
  { suffix: "_geomean", of: ({ geomean }) => geomean, definition: "Geometric mean." },
  {
    suffix: "_low95",
    of: ({ low95 }) => low95,
    definition: "Lower end of the 95 % interval of the geometric mean (Student t on logarithms).",
  },
  { suffix: "_high95", of: ({ high95 }) => high95, definition: "Upper end of it." },
  { suffix: "_median", of: ({ median }) => median, definition: "Median over completed runs." },
  { suffix: "_std", of: ({ std }) => std, definition: "Sample standard deviation (n - 1)." },
  { suffix: "_min", of: ({ min }) => min, definition: "Smallest run." },
  { suffix: "_max", of: ({ max }) => max, definition: "Largest run." },
  { suffix: "_n", of: ({ n }) => n, definition: "Runs that gave the number." },
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
            return STATISTICS.map(({ of }) => spread === null ? null : of(spread));
          }),
        ];
      }
    }
  }
}
