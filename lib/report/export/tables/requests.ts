import type { AttemptSource, StudyAttempt } from "../../../results/study_attempt.ts";
import { type Cell, inBatches, type Row, type Table } from "../table.ts";
import { columnsOf, declaring, type Field, rowOf, type Undescribed } from "./field.ts";
import { ATTEMPT_FIELDS } from "./shared_fields.ts";

type Line = Readonly<Record<string, unknown>>;

const field = declaring<Line>();

function number(name: string, unit: string): Undescribed<Line> {
  return field(name, "number", (line) => numberAt(line, name), unit);
}

function integer(name: string, unit: string | null = null): Undescribed<Line> {
  return field(name, "integer", (line) => numberAt(line, name), unit);
}

function text(name: string): Undescribed<Line> {
  return field(name, "text", (line) => textAt(line, name));
}

function list(name: string): Undescribed<Line> {
  return field(name, "list", (line) => listAt(line, name), "ms");
}

/** What a table takes of a line of requests.jsonl; the worker decides which of them it tells. */
export const REQUEST_FIELDS: readonly Field<Line>[] = [
  integer("index").describe("Its position among the requests of the run, from 0."),
  integer("input_tokens", "tokens").describe("Tokens of the prompt."),
  integer("output_tokens", "tokens").describe("Tokens generated."),
  integer("t_start_ns", "ns").describe("When it began, on CLOCK_MONOTONIC of the machine."),
  number("ttft_ms", "ms").describe("From its sending to its first output token."),
  number("e2e_ms", "ms").describe("From its sending to its end."),
  number("tpot_ms", "ms").describe("From the first token to the last, over the tokens after the first."),
  number("ttft_sched_ms", "ms").describe("From when it was due to its first output token."),
  number("ttfo_ms", "ms").describe("From its sending to the first token that is no reasoning."),
  number("lateness_ms", "ms").describe("From when it was due to its sending."),
  list("itl_ms").describe("Gaps between tokens; empty where chunks hold several."),
  list("chunk_gap_ms").describe("Gaps between chunks of a stream."),
  field("in_window", "boolean", (line) => typeof line["in_window"] === "boolean" ? line["in_window"] : true)
    .describe("Whether it was due in the measured window; false is left out of latencies."),
  text("finish_reason").describe("Why the server ended it."),
  integer("http_status").describe("Status of the answer."),
  integer("cached_tokens", "tokens").describe("Tokens of the prompt that came from the prefix cache."),
  integer("reasoning_tokens", "tokens").describe("Generated tokens that are reasoning."),
  text("error").describe("Why it failed, as a code; empty where it did not."),
  text("error_message").describe("The same in words."),
  text("itl_reason").describe("Why `itl_ms` is empty."),
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
