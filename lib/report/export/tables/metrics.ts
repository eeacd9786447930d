import { headline } from "../../../results/headline.ts";
import { metricDeclaration } from "../../../results/metric_declarations.ts";
import type { AttemptSource, StudyAttempt } from "../../../results/study_attempt.ts";
import { inBatches, type Row, type Table } from "../table.ts";
import { columnsOf, declaring, type Field, rowOf } from "./field.ts";
import { ATTEMPT_FIELDS } from "./shared_fields.ts";

interface Measured {
  readonly attempt: StudyAttempt;
  readonly name: string;
  readonly value: number;
}

const field = declaring<Measured>();

export const METRIC_FIELDS: readonly Field<Measured>[] = [
  ...ATTEMPT_FIELDS.map((own): Field<Measured> => ({ ...own, of: ({ attempt }) => own.of(attempt) })),
  field("counts", "boolean", ({ attempt }) => attempt.counts).describe(
    "Whether statistics count the attempt.",
  ),
  field("metric", "text", ({ name }) => name).describe("Name of the metric."),
  field("unit", "text", ({ name }) => metricDeclaration(name)?.unit ?? null).describe(
    "Its unit; empty for a worker's own metric.",
  ),
  field("better", "text", ({ name }) => metricDeclaration(name)?.better ?? null).describe(
    "`less` or `more`; empty where it is neither.",
  ),
  field("value", "number", ({ value }) => value).describe(
    "Its value, in `unit`. What is not known has no row.",
  ),
];

/** `metrics`: a row for each number of each attempt. */
export function metricsTable(source: AttemptSource): Table {
  return { name: "metrics", columns: columnsOf(METRIC_FIELDS), batches: inBatches(rows()) };

  function* rows(): Generator<Row> {
    for (const attempt of source.attempts()) {
      if (attempt.record === null) continue;
      for (const [name, value] of Object.entries(headline(attempt.record))) {
        if (value !== null) yield rowOf(METRIC_FIELDS, { attempt, name, value });
      }
    }
  }
}
