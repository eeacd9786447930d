import { headline } from "../../../results/headline.ts";
import { metricDeclaration } from "../../../results/metric_declarations.ts";
import type { AttemptSource, StudyAttempt } from "../../../results/study_attempt.ts";
import { inBatches, type Row, type Table } from "../table.ts";
import { columnsOf, type Field, field, rowOf } from "./field.ts";
import { ATTEMPT_FIELDS } from "./shared_fields.ts";

interface Measured {
  readonly attempt: StudyAttempt;
  readonly name: string;
  readonly value: number;
}

export const METRIC_FIELDS: readonly Field<Measured>[] = [
  ...ATTEMPT_FIELDS.map((own): Field<Measured> => ({ ...own, of: ({ attempt }) => own.of(attempt) })),
  field("counts", "boolean", "Whether statistics count the attempt.", ({ attempt }) => attempt.counts),
  field("metric", "text", "Name of the metric.", ({ name }) => name),
  field(
    "unit",
    "text",
    "Its unit; empty for a worker's own metric.",
    ({ name }) => metricDeclaration(name)?.unit ?? null,
  ),
  field(
    "better",
    "text",
    "`less` or `more`; empty where it is neither.",
    ({ name }) => metricDeclaration(name)?.better ?? null,
  ),
  field("value", "number", "Its value, in `unit`. What is not known has no row.", ({ value }) => value),
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
