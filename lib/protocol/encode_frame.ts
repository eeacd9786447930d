import { exactInteger, exactIntegers } from "../base/exact_integer.ts";
import { type Frame, LF, RS } from "./frame.ts";

const encoder = new TextEncoder();

/** The bytes of one frame: 0x1E, JSON with `type` and `token` first, 0x0A. */
export function encodeFrame(frame: Frame, token: string): Uint8Array<ArrayBuffer> {
  const json = encoder.encode(frameJson(frame, token));
  const bytes = new Uint8Array(json.length + 2);
  bytes[0] = RS;
  bytes.set(json, 1);
  bytes[bytes.length - 1] = LF;
  return bytes;
}

/** A replacer is called for every number of a list, and makes up most of the cost of a long frame. */
function frameJson(frame: Frame, token: string): string {
  const { type, ...fields } = frame;
  const named: Record<string, unknown> = { type, token };
  for (const [name, value] of Object.entries(fields)) {
    named[name] = typeof value === "bigint" ? exactInteger(value) : value;
  }
  try {
    return JSON.stringify(named);
  } catch {
    // A bigint further in.
    return JSON.stringify(named, exactIntegers);
  }
}
