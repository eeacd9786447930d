/** Reads requests.jsonl of a run again, in pieces: it may be as large as a GiB. */
import { refuseOther } from "../base/files.ts";
import { isJsonObject } from "../base/json.ts";
import type { RequestFrame } from "../protocol/frame.ts";
import { deriveTimes, readStamps } from "../protocol/request_times.ts";
import type { Slo } from "../study/slo_schema.ts";
import { RequestTally } from "./request_tally.ts";

const PIECE_BYTES = 1024 * 1024;
const LF = 0x0a;

/**
 * The requests of a file, taken in as when they came; their times come from their stamps again where they have some. Null
 * where a line is none of ours. Throws what the system threw.
 */
export function readRequests(path: string, slo: Slo | null): RequestTally | null {
  const tally = new RequestTally(slo);
  for (const line of linesOf(path)) {
    const frame = frameOf(line);
    if (frame === null) return null;
    tally.add(frame);
  }
  return tally;
}

/** The lines of a file, a piece at a time. Throws what the system threw. */
export function* linesOf(path: string): Generator<string> {
  refuseOther(path);
  using file = Deno.openSync(path);
  const decoder = new TextDecoder();
  const piece = new Uint8Array(PIECE_BYTES);
  let before: Uint8Array[] = [];
  for (let count = file.readSync(piece); count !== null; count = file.readSync(piece)) {
    let from = 0;
    for (let end = piece.indexOf(LF); end !== -1 && end < count; end = piece.indexOf(LF, from)) {
      yield decoder.decode(joined([...before, piece.subarray(from, end)]));
      before = [];
      from = end + 1;
    }
    if (from < count) before.push(piece.slice(from, count));
  }
  if (before.length > 0) yield decoder.decode(joined(before));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function frameOf(text: string): RequestFrame | null {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isJsonObject(line)) return null;
  const { input_tokens, output_tokens, ttft_ms = null, e2e_ms = null, itl_ms = [] } = line;
  const hasCounts = typeof input_tokens === "number" && typeof output_tokens === "number";
  if (!hasCounts || !isTimeOrNull(ttft_ms) || !isTimeOrNull(e2e_ms) || !Array.isArray(itl_ms)) return null;
  const frame = line as unknown as RequestFrame;
  const stamps = readStamps(line);
  if (stamps === null) return { ...frame, ttft_ms, e2e_ms, itl_ms: itl_ms as number[] };
  const times = deriveTimes(stamps);
  return { ...frame, ...times, itl_ms: times.itl_ms ?? [] };
}

function isTimeOrNull(value: unknown): value is number | null {
  return value === null || typeof value === "number";
}
