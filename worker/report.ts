import { encodeFrame } from "../lib/protocol/encode_frame.ts";
import type { Frame } from "../lib/protocol/frame.ts";

/** Sends frames to the runner. */
export type Report = (frame: Frame) => void;

/** Writes each frame whole to stdout, with this assignment's token. */
export function reportTo(token: string): Report {
  return (frame) => {
    const bytes = encodeFrame(frame, token);
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  };
}
