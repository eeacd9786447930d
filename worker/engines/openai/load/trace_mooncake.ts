import { isJsonObject, type JsonObject } from "../../../../lib/base/json.ts";
import { hashIdsBad, lineIsNoJson } from "./messages.ts";
import { timeNs, tokenCount, type TraceRequest, TraceRowError } from "./trace_value.ts";

/** The rows of Mooncake's JSON lines, in the order of the file; empty lines are passed over. Throws a TraceRowError. */
export function readMooncakeTrace(text: string): TraceRequest[] {
  return text.split("\n").flatMap((content, index) =>
    content.trim() === "" ? [] : [toRow(content, index + 1)]
  );
}

function toRow(content: string, line: number): TraceRequest {
  const { timestamp, input_length, output_length, hash_ids } = toObject(content, line);
  return {
    t_ns: timeNs("timestamp", timestamp, "ms", line),
    input_len: tokenCount("input_length", input_length, line),
    output_len: tokenCount("output_length", output_length, line),
    hash_ids: hash_ids === undefined || hash_ids === null ? null : toIds(hash_ids, line),
  };
}

function toObject(content: string, line: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new TraceRowError(line, lineIsNoJson(error instanceof Error ? error.message : String(error)));
  }
  if (isJsonObject(value)) return value;
  throw new TraceRowError(line, lineIsNoJson(content.slice(0, 40)));
}

function toIds(value: unknown, line: number): number[] {
  const ids: unknown[] = Array.isArray(value) ? value : [null];
  const numbers = ids.filter((id) => typeof id === "number" && Number.isSafeInteger(id)).map(Number);
  if (numbers.length === ids.length) return numbers;
  throw new TraceRowError(line, hashIdsBad(JSON.stringify(value).slice(0, 80)));
}
