import type { Frame } from "../../lib/protocol/frame.ts";
import { readFrame } from "../../lib/protocol/read_frame.ts";
import { FrameSplitter } from "../../lib/protocol/split_frames.ts";

/** The whole frames of a worker that repeat the token, as they come; everything else is passed over. */
export async function* framesOf(stdout: ReadableStream<Uint8Array>, token: string): AsyncGenerator<Frame> {
  const splitter = new FrameSplitter();
  for await (const chunk of stdout) {
    for (const piece of splitter.push(chunk)) {
      const reading = piece.kind === "frame" ? readFrame(piece.bytes, token) : null;
      if (reading?.kind === "frame") yield reading.frame;
    }
  }
}
