import { exactIntegers } from "../base/exact_integer.ts";
import { type Frame, LF, RS } from "./frame.ts";

const encoder = new TextEncoder();

/** The bytes of one frame: 0x1E, JSON with `type` and `token` first, 0x0A. */
export function encodeFrame(frame: Frame, token: string): Uint8Array<ArrayBuffer> {
  const { type, ...fields } = frame;
  const json = encoder.encode(JSON.stringify({ type, token, ...fields }, exactIntegers));
  const bytes = new Uint8Array(json.length + 2);
  bytes[0] = RS;
  bytes.set(json, 1);
  bytes[bytes.length - 1] = LF;
  return bytes;
}
