import { isJsonObject, type JsonObject } from "../../base/json.ts";
import { wordsOf } from "../../base/text.ts";
import { hashIdsBad, lineIsNoJson } from "./messages.ts";
import { timeNs, tokenCount, type TraceRequest, TraceRowError } from "./trace_value.ts";

/** The first rows, at most so many, of Mooncake's JSON lines, in their order; empty lines are passed over. Throws a TraceRowError. */
export function readMooncakeTrace(text: string, most: number): TraceRequest[] {
  const rows: TraceRequest[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    if (rows.length >= most) break;
    if (content.trim() !== "") rows.push(toRow(content, index + 1));
  }
  return rows;
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
    throw new TraceRowError(line, lineIsNoJson(wordsOf(error)));
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
