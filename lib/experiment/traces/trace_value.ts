import { valueIsNoCount, valueIsNoTime } from "./messages.ts";

/** One request of a trace. */
export interface TraceRequest {
  /** Nanoseconds from an origin of the trace's own: only differences mean something. */
  readonly t_ns: bigint;
  /** Tokens. */
  readonly input_len: number;
  /** Tokens. */
  readonly output_len: number;
  /** Blocks of the prompt, equal ids for equal blocks (Mooncake); null where the trace has none. */
  readonly hash_ids: readonly number[] | null;
}

/** A row of a trace that means nothing; the message says what is wrong with it. */
export class TraceRowError extends Error {
  override readonly name = "TraceRowError";
  /** The first line is 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Beyond a year a number of seconds or milliseconds is no time after a start, and its nanoseconds are not exact. */
const MOST_MS = 366 * 86_400_000;
/** More tokens than any model takes. */
const MOST_TOKENS = 1e8;
const MS_PER_S = 1000;

/** Nanoseconds of a number of seconds or milliseconds after a start. */
export function timeNs(column: string, value: unknown, unit: "s" | "ms", line: number): bigint {
  const ms = toNumber(value) * (unit === "s" ? MS_PER_S : 1);
  if (!(ms >= 0 && ms <= MOST_MS)) throw new TraceRowError(line, valueIsNoTime(column, told(value)));
  return BigInt(Math.round(ms * 1e6));
}

/** Nanoseconds of a date and time of day, with as many digits as it has; UTC where it names no zone. */
export function dateNs(column: string, value: string, line: number): bigint {
  const found = /^\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?\s*$/.exec(
    value,
  );
  const [, day = "", time = "", fraction = "", zone = "Z"] = found ?? [];
  const ms = Date.parse(`${day}T${time}${zone}`);
  if (found === null || !Number.isFinite(ms)) {
    throw new TraceRowError(line, valueIsNoTime(column, told(value)));
  }
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** A number of tokens, 0 included. */
export function tokenCount(column: string, value: unknown, line: number): number {
  const count = toNumber(value);
  if (Number.isInteger(count) && count >= 0 && count <= MOST_TOKENS) return count;
  throw new TraceRowError(line, valueIsNoCount(column, told(value)));
}

/** A number of JSON, or one that is written out in a cell; else NaN. */
function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\s*\d+(\.\d*)?(e[+-]?\d+)?\s*$/i.test(value) ? Number(value) : NaN;
}

function told(value: unknown): string {
  return (JSON.stringify(value) ?? "(missing)").slice(0, 80);
}
