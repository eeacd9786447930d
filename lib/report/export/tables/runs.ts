import type { ExperimentConfig } from "../../../experiment/config.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import type { AttemptSource, StudyAttempt } from "../../../results/study_attempt.ts";
import { headline } from "../../../results/headline.ts";
import { type Column, inBatches, type Row, type Table } from "../table.ts";
import { configFields, configsOf } from "./config_fields.ts";
import { columnsOf, type Field, field, rowOf } from "./field.ts";
import { metricFacts, metricNames, uniqueNames } from "./metric_fields.ts";
import { ATTEMPT_FIELDS } from "./shared_fields.ts";

/** What every `runs` table has before its configuration and metrics. */
export const RUN_FIELDS: readonly Field<StudyAttempt>[] = [
  field("study_id", "text", "Name of the study directory.", ({ study }) => study.id),
  field("study_name", "text", "`name` of the study file.", ({ study }) => study.name),
  field(
    "study_design_hash",
    "text",
    "The study, by its experiments.",
    ({ study }) => study.study_design_hash,
  ),
  ...ATTEMPT_FIELDS.slice(1),
  field(
    "join_hash",
    "text",
    "The configuration with model and prompts by their content: joins studies.",
    ({ record }) => record?.run.join_hash ?? null,
  ),
  field(
    "run_index",
    "integer",
    "Position of the run in the order of the study, from 1.",
    ({ index }) => index,
  ),
  field(
    "standing",
    "text",
    "completed, failed, interrupted, running, lost (its runner died) or missing (its result is gone).",
    ({ standing }) => standing,
  ),
  field(
    "counts",
    "boolean",
    "Whether statistics count it: the last attempt of a completed run.",
    (run) => run.counts,
  ),
  field("model", "text", "`model` of the configuration.", (run) => configOf(run)?.model ?? null),
  field("backend", "text", "`backend` of the configuration.", (run) => configOf(run)?.backend ?? null),
  field(
    "engine",
    "text",
    "Names and versions of what the worker consists of.",
    ({ record }) =>
      record?.worker === null || record === null
        ? null
        : Object.entries(record.worker.versions).map(([name, version]) => `${name} ${version}`).join(", "),
  ),
  field(
    "devices",
    "text",
    "What the worker computed on.",
    ({ record }) => record?.worker?.devices.join(", ") ?? null,
  ),
  field("host", "text", "Name of the machine.", ({ record }) => record?.host ?? null),
  field("started_at", "text", "Start of the attempt, UTC, ISO 8601.", ({ started_at }) => started_at),
  field("ended_at", "text", "End of the attempt, UTC, ISO 8601.", ({ ended_at }) => ended_at),
  field(
    "window_started_at",
    "text",
    "Begin of the first measured window, UTC, ISO 8601.",
    ({ record }) => record?.window?.started_at ?? null,
  ),
  field(
    "window_ended_at",
    "text",
    "End of the last measured window, UTC, ISO 8601.",
    ({ record }) => record?.window?.ended_at ?? null,
  ),
  field(
    "duration_s",
    "number",
    "From spawn until nothing of the attempt is left.",
    ({ record }) => record?.timing.duration_s ?? null,
    "s",
  ),
  field(
    "startup_s",
    "number",
    "From spawn to the worker's hello.",
    ({ record }) => record?.timing.startup_s ?? null,
    "s",
  ),
  field("outcome", "text", "`outcome.kind` of result.json.", ({ record }) => record?.outcome.kind ?? null),
  field(
    "exit_code",
    "integer",
    "Exit code of the worker.",
    ({ record }) => record?.outcome.exit_code ?? null,
  ),
  field("signal", "text", "Signal that ended the worker.", ({ record }) => record?.outcome.signal ?? null),
  field(
    "error_type",
    "text",
    "What went wrong, as a code.",
    ({ record }) => record?.outcome.error?.type ?? null,
  ),
  field(
    "error_message",
    "text",
    "What went wrong, in words.",
    ({ record }) => record?.outcome.error?.message ?? null,
  ),
  field("flags", "text", "`outcome.flags`, apart by spaces.", ({ record }) => words(record?.outcome.flags)),
  field(
    "warnings",
    "text",
    "Codes of warnings, apart by spaces, each once.",
    ({ record }) => words(record?.warnings.map(({ code }) => code)),
  ),
  field(
    "contended",
    "text",
    "Whether other work slowed it down: yes, no or unknown.",
    ({ record }) => record?.contention?.contended ?? null,
  ),
  field(
    "requests",
    "integer",
    "Requests that the worker counted.",
    ({ record }) => record?.measurement?.requests ?? null,
    "requests",
  ),
  field(
    "energy_verdict",
    "text",
    "resolved, marginal or unattributable.",
    ({ record }) => record?.energy?.verdict ?? null,
  ),
  field(
    "energy_method",
    "text",
    "Which meter the energy comes from.",
    ({ record }) => record?.energy?.method ?? null,
  ),
  field(
    "slo_met",
    "boolean",
    "Whether it kept the `slo` of its study.",
    ({ record }) => record?.slo?.met ?? null,
  ),
  field(
    "slo_certified",
    "boolean",
    "Whether that is proven at 99 % confidence.",
    ({ record }) => record?.slo?.certified ?? null,
  ),
  field("input_hash", "text", "SHA-256 of the tokens of its prompts.", (run) => hashOf(run, "input_hash")),
  field("output_hash", "text", "SHA-256 of what it generated.", (run) => hashOf(run, "output_hash")),
  field("llem_version", "text", "Version that made the run.", ({ record }) => record?.llem_version ?? null),
];

/** `runs`: a row for each attempt, its configuration flat, its metrics as columns. */
export function runsTable(source: AttemptSource): Table {
  const config = configFields<StudyAttempt>(configsOf(source.studies), ({ config_hash }) => config_hash);
  const before = [...RUN_FIELDS, ...config];
  const names = metricNames(source.studies);
  const metrics = uniqueNames(names, before);
  const columns: Column[] = [
    ...columnsOf(before),
    ...names.map((name, index): Column => ({ name: metrics[index] ?? name, ...metricFacts(name) })),
  ];
  return { name: "runs", columns, batches: inBatches(rows()) };

  function* rows(): Generator<Row> {
    for (const attempt of source.attempts()) {
      const values = attempt.record === null ? {} : headline(attempt.record);
      yield [...rowOf(before, attempt), ...names.map((name) => values[name] ?? null)];
    }
  }
}

function configOf({ study, config_hash }: StudyAttempt): ExperimentConfig | null {
  const known = CONFIGS.get(study) ?? configsOf([study]);
  CONFIGS.set(study, known);
  return known.get(config_hash) ?? null;
}

/** By hash, made once for a study: there may be thousands. */
const CONFIGS = new WeakMap<StudyTable, ReadonlyMap<string, ExperimentConfig>>();

function words(all: readonly string[] | undefined): string | null {
  return all === undefined ? null : [...new Set(all)].join(" ");
}

function hashOf({ record }: StudyAttempt, name: "input_hash" | "output_hash"): string | null {
  const value = record?.measurement?.metrics[name];
  return typeof value === "string" ? value : null;
}
