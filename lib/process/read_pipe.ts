import { setImmediate } from "node:timers";

/** Reading in one go starves timers: a flood delayed a 100 ms deadline by up to 421 ms. */
const SLICE_MS = 4;

/** A pipe being read to its end. */
export interface PipeReader {
  /** Resolves at end-of-file, on a read error or after `cancel`. Never rejects. */
  readonly done: Promise<void>;
  /** Stops reading, also where a stranger keeps the other end open. */
  cancel(): Promise<void>;
}

/** As much as a pipe holds. */
const BUFFER_BYTES = 64 * 1024;
/** Buffers of pipes that have ended, for the next ones: a run needs two, and making them is dear. */
const spare: ArrayBuffer[] = [];

/**
 * Reads a pipe as bytes into `onChunk`, giving timers and signals their turn every 4 ms. One read is outstanding
 * at a time, so memory stays flat and the writer feels the pressure. The bytes are the caller's only until
 * `onChunk` returns: the buffer is used again.
 */
export function readPipe(
  stream: ReadableStream<Uint8Array>,
  onChunk: (bytes: Uint8Array) => void,
): PipeReader {
  const reader = stream.getReader({ mode: "byob" });
  return { done: pump(reader, onChunk), cancel: () => reader.cancel().catch(() => {}) };
}

async function pump(reader: ReadableStreamBYOBReader, onChunk: (bytes: Uint8Array) => void): Promise<void> {
  let sliceStart = performance.now();
  let buffer = spare.pop() ?? new ArrayBuffer(BUFFER_BYTES);
  while (true) {
    const { done, value } = await reader.read(new Uint8Array(buffer)).catch(() => GONE);
    if (value !== undefined) buffer = value.buffer;
    if (done || value === undefined) {
      // A cancelled read keeps its buffer.
      if (value !== undefined) spare.push(buffer);
      return;
    }
    onChunk(value);
    if (performance.now() - sliceStart > SLICE_MS) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      sliceStart = performance.now();
    }
  }
}

/** What a failed read amounts to. */
const GONE = { done: true, value: undefined } as const;
