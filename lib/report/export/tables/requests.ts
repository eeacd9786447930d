import type { AttemptSource, StudyAttempt } from "../../../results/study_attempt.ts";
import { type Cell, inBatches, type Row, type Table } from "../table.ts";
import { columnsOf, type Field, field, rowOf } from "./field.ts";
import { ATTEMPT_FIELDS } from "./shared_fields.ts";

type Line = Readonly<Record<string, unknown>>;

function number(name: string, definition: string, unit: string): Field<Line> {
  return field(name, "number", definition, (line) => numberAt(line, name), unit);
}

function integer(name: string, definition: string, unit: string | null = null): Field<Line> {
  return field(name, "integer", definition, (line) => numberAt(line, name), unit);
}

function text(name: string, definition: string): Field<Line> {
  return field(name, "text", definition, (line) => textAt(line, name));
}

function list(name: string, definition: string): Field<Line> {
  return field(name, "list", definition, (line) => listAt(line, name), "ms");
}

/** What a table takes of a line of requests.jsonl; the worker decides which of them it tells. */
export const REQUEST_FIELDS: readonly Field<Line>[] = [
  integer("index", "Its position among the requests of the run, from 0."),
  integer("input_tokens", "Tokens of the prompt.", "tokens"),
  integer("output_tokens", "Tokens generated.", "tokens"),
  integer("t_start_ns", "When it began, on CLOCK_MONOTONIC of the machine.", "ns"),
  number("ttft_ms", "From its sending to its first output token.", "ms"),
  number("e2e_ms", "From its sending to its end.", "ms"),
  number("tpot_ms", "From the first token to the last, over the tokens after the first.", "ms"),
  number("ttft_sched_ms", "From when it was due to its first output token.", "ms"),
  number("ttfo_ms", "From its sending to the first token that is no reasoning.", "ms"),
  number("lateness_ms", "From when it was due to its sending.", "ms"),
  list("itl_ms", "Gaps between tokens; empty where chunks hold several."),
  list("chunk_gap_ms", "Gaps between chunks of a stream."),
  field(
    "in_window",
    "boolean",
    "Whether it was due in the measured window; false is left out of latencies.",
    (line) => typeof line["in_window"] === "boolean" ? line["in_window"] : true,
  ),
  text("finish_reason", "Why the server ended it."),
  integer("http_status", "Status of the answer."),
  integer("cached_tokens", "Tokens of the prompt that came from the prefix cache.", "tokens"),
  integer("reasoning_tokens", "Generated tokens that are reasoning.", "tokens"),
  text("error", "Why it failed, as a code; empty where it did not."),
  text("error_message", "The same in words."),
  text("itl_reason", "Why `itl_ms` is empty."),
];

/** `requests`: a row for each request of each attempt. */
export function requestsTable(source: AttemptSource): Table {
  return {
    name: "requests",
    columns: columnsOf([...ATTEMPT_FIELDS, ...REQUEST_FIELDS]),
    batches: inBatches(rows(source)),
  };
}

function* rows(source: AttemptSource): Generator<Row> {
  for (const attempt of source.attempts()) yield* rowsOf(source, attempt);
}

function* rowsOf(source: AttemptSource, attempt: StudyAttempt): Generator<Row> {
  const own = rowOf(ATTEMPT_FIELDS, attempt);
  for (const line of source.requests(attempt)) yield [...own, ...rowOf(REQUEST_FIELDS, line)];
}

function numberAt(line: Line, name: string): number | null {
  const value = line[name];
  return typeof value === "number" ? value : null;
}

function textAt(line: Line, name: string): string | null {
  const value = line[name];
  return typeof value === "string" ? value : null;
}

function listAt(line: Line, name: string): Cell {
  const value = line[name];
  return Array.isArray(value) && value.every((each) => typeof each === "number") ? value : null;
}
