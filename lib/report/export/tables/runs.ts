import type { ExperimentConfig } from "../../../experiment/config.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import type { AttemptSource, StudyAttempt } from "../../../results/study_attempt.ts";
import { headline } from "../../../results/headline.ts";
import { type Column, inBatches, type Row, type Table } from "../table.ts";
import { configFields, configsOf } from "./config_fields.ts";
import { columnsOf, declaring, type Field, rowOf } from "./field.ts";
import { metricFacts, metricNames, uniqueNames } from "./metric_fields.ts";
import { ATTEMPT_FIELDS } from "./shared_fields.ts";

const field = declaring<StudyAttempt>();

/** What every `runs` table has before its configuration and metrics. */
export const RUN_FIELDS: readonly Field<StudyAttempt>[] = [
  field("study_id", "text", ({ study }) => study.id).describe("Name of the study directory."),
  field("study_name", "text", ({ study }) => study.name).describe("`name` of the study file."),
  field("study_design_hash", "text", ({ study }) => study.study_design_hash).describe(
    "The study, by its experiments.",
  ),
  ...ATTEMPT_FIELDS.slice(1),
  field("join_hash", "text", ({ record }) => record?.run.join_hash ?? null).describe(
    "The configuration with model and prompts by their content: joins studies.",
  ),
  field("run_index", "integer", ({ index }) => index).describe(
    "Position of the run in the order of the study, from 1.",
  ),
  field("standing", "text", ({ standing }) => standing).describe(
    "completed, failed, interrupted, running, lost (its runner died) or missing (its result is gone).",
  ),
  field("counts", "boolean", (run) => run.counts).describe(
    "Whether statistics count it: the last attempt of a completed run.",
  ),
  field("model", "text", (run) => configOf(run)?.model ?? null).describe("`model` of the configuration."),
  field("backend", "text", (run) => configOf(run)?.backend ?? null).describe(
    "`backend` of the configuration.",
  ),
  field(
    "engine",
    "text",
    ({ record }) =>
      record?.worker === null || record === null
        ? null
        : Object.entries(record.worker.versions).map(([name, version]) => `${name} ${version}`).join(", "),
  ).describe("Names and versions of what the worker consists of."),
  field("devices", "text", ({ record }) => record?.worker?.devices.join(", ") ?? null).describe(
    "What the worker computed on.",
  ),
  field("host", "text", ({ record }) => record?.host ?? null).describe("Name of the machine."),
  field("started_at", "text", ({ started_at }) => started_at).describe(
    "Start of the attempt, UTC, ISO 8601.",
  ),
  field("ended_at", "text", ({ ended_at }) => ended_at).describe("End of the attempt, UTC, ISO 8601."),
  field("window_started_at", "text", ({ record }) => record?.window?.started_at ?? null).describe(
    "Begin of the first measured window, UTC, ISO 8601.",
  ),
  field("window_ended_at", "text", ({ record }) => record?.window?.ended_at ?? null).describe(
    "End of the last measured window, UTC, ISO 8601.",
  ),
  field("duration_s", "number", ({ record }) => record?.timing.duration_s ?? null, "s").describe(
    "From spawn until nothing of the attempt is left.",
  ),
  field("startup_s", "number", ({ record }) => record?.timing.startup_s ?? null, "s").describe(
    "From spawn to the worker's hello.",
  ),
  field("outcome", "text", ({ record }) => record?.outcome.kind ?? null).describe(
    "`outcome.kind` of result.json.",
  ),
  field("exit_code", "integer", ({ record }) => record?.outcome.exit_code ?? null).describe(
    "Exit code of the worker.",
  ),
  field("signal", "text", ({ record }) => record?.outcome.signal ?? null).describe(
    "Signal that ended the worker.",
  ),
  field("error_type", "text", ({ record }) => record?.outcome.error?.type ?? null).describe(
    "What went wrong, as a code.",
  ),
  field("error_message", "text", ({ record }) => record?.outcome.error?.message ?? null).describe(
    "What went wrong, in words.",
  ),
  field("flags", "text", ({ record }) => words(record?.outcome.flags)).describe(
    "`outcome.flags`, apart by spaces.",
  ),
  field("warnings", "text", ({ record }) => words(record?.warnings.map(({ code }) => code))).describe(
    "Codes of warnings, apart by spaces, each once.",
  ),
  field("contended", "text", ({ record }) => record?.contention?.contended ?? null).describe(
    "Whether other work slowed it down: yes, no or unknown.",
  ),
  field("parallel_mode", "text", ({ record }) => record?.run.parallel?.mode ?? null).describe(
    "How it shared the machine with other runs: staged or shared.",
  ),
  field("slot", "integer", ({ record }) => record?.run.parallel?.slot ?? null).describe(
    "The slot of the machine that it ran in, from 0.",
  ),
  field("beside", "text", ({ record }) => words(record?.run.parallel?.beside.map(({ run_id }) => run_id)))
    .describe("Runs of the study that were there at some time of it, apart by spaces."),
  field("other_boards_w", "number", ({ record }) => record?.run.parallel?.other_boards_w ?? null, "W")
    .describe(
      "Mean power of the other boards of the machine in its window.",
    ),
  field("requests", "integer", ({ record }) => record?.measurement?.requests ?? null, "requests").describe(
    "Requests that the worker counted.",
  ),
  field("energy_verdict", "text", ({ record }) => record?.energy?.verdict ?? null).describe(
    "resolved, marginal or unattributable.",
  ),
  field("energy_method", "text", ({ record }) => record?.energy?.method ?? null).describe(
    "Which meter the energy comes from.",
  ),
  field("slo_met", "boolean", ({ record }) => record?.slo?.met ?? null).describe(
    "Whether it kept the `slo` of its study.",
  ),
  field("slo_certified", "boolean", ({ record }) => record?.slo?.certified ?? null).describe(
    "Whether that is proven at 99 % confidence.",
  ),
  field("input_hash", "text", (run) => hashOf(run, "input_hash")).describe(
    "SHA-256 of the tokens of its prompts.",
  ),
  field("output_hash", "text", (run) => hashOf(run, "output_hash")).describe("SHA-256 of what it generated."),
  field("llem_version", "text", ({ record }) => record?.llem_version ?? null).describe(
    "Version that made the run.",
  ),
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
