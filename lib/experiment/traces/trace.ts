/**
 * Files of requests that somebody recorded: when each came, how long it was, how long its answer. Read by the runner, which
 * looks at them before the first run, and by the worker, which replays them.
 */
import { wordsOf } from "../../base/text.ts";
import { isTraceHeader, readCsvTrace } from "./csv_trace.ts";
import { traceEmpty, traceFormatUnknown, traceRowBad, traceTooShort, traceUnreadable } from "./messages.ts";
import { readMooncakeTrace } from "./mooncake_trace.ts";
import { type TraceRequest, TraceRowError } from "./trace_value.ts";

/** The requests of a file. */
export interface Trace {
  readonly format: "azure" | "burstgpt" | "mooncake";
  /** By time; requests of one time stand as in the file. */
  readonly requests: readonly TraceRequest[];
  /** Rows that stood after a later one. */
  readonly out_of_order: number;
  /** Rows with an input or output of no tokens (BurstGPT has those for failed requests): 1 token stands for it. */
  readonly raised_to_one: number;
}

/** Why a trace cannot be replayed: a sentence or two with the place and what to do. */
export class TraceError extends Error {
  override readonly name = "TraceError";
  readonly code: TraceTrouble;

  constructor(code: TraceTrouble, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/** What is wrong with a trace, in a word: also the error type of a run that cannot replay it. */
export type TraceTrouble =
  | "trace_unreadable"
  | "trace_format_unknown"
  | "trace_row_bad"
  | "trace_empty"
  | "trace_too_short";

/**
 * The trace of a file, the format told by its first line: the CSV files of Azure's LLM traces (2023, 2024) and of BurstGPT,
 * and Mooncake's JSON lines. With `count`, its first so many requests: the rest of the file is not looked at, and one with
 * fewer is refused. Throws a TraceError.
 */
export function loadTrace(path: string, count: number | null = null): Trace {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    // Without the name of the call, which follows.
    const reason = wordsOf(error).split(": ")[0] ?? "";
    throw new TraceError("trace_unreadable", traceUnreadable(path, reason), { cause: error });
  }
  const trace = parseTrace(text, path, count);
  const there = trace.requests.length;
  if (count !== null && there < count) {
    throw new TraceError("trace_too_short", traceTooShort(path, there, count));
  }
  return trace;
}

/** The trace of a text; `path` is for the messages. See {@link loadTrace}. */
export function parseTrace(text: string, path: string, count: number | null = null): Trace {
  const { format, rows } = readRows(
    text.startsWith("\ufeff") ? text.slice(1) : text,
    path,
    count ?? Infinity,
  );
  if (rows.length === 0) throw new TraceError("trace_empty", traceEmpty(path));
  const raised = (row: TraceRequest): boolean => row.input_len === 0 || row.output_len === 0;
  return {
    format,
    requests: rows.toSorted((a, b) => a.t_ns < b.t_ns ? -1 : a.t_ns > b.t_ns ? 1 : 0).map((row) =>
      raised(row)
        ? { ...row, input_len: Math.max(1, row.input_len), output_len: Math.max(1, row.output_len) }
        : row
    ),
    out_of_order: countOutOfOrder(rows),
    raised_to_one: rows.filter(raised).length,
  };
}

function readRows(
  text: string,
  path: string,
  most: number,
): { format: Trace["format"]; rows: TraceRequest[] } {
  const firstLine = /^[^\r\n]*/.exec(text.trimStart())?.[0] ?? "";
  if (firstLine === "") throw new TraceError("trace_empty", traceEmpty(path));
  try {
    if (firstLine.startsWith("{")) return { format: "mooncake", rows: readMooncakeTrace(text, most) };
    if (isTraceHeader(firstLine)) return readCsvTrace(text, most);
  } catch (error) {
    if (!(error instanceof TraceRowError)) throw error;
    throw new TraceError("trace_row_bad", traceRowBad(path, error.line, error.message), { cause: error });
  }
  throw new TraceError("trace_format_unknown", traceFormatUnknown(path, firstLine.slice(0, 80)));
}

function countOutOfOrder(rows: readonly TraceRequest[]): number {
  let [latest, count] = [rows[0]?.t_ns ?? 0n, 0];
  for (const { t_ns } of rows) {
    if (t_ns < latest) count++;
    else latest = t_ns;
  }
  return count;
}
