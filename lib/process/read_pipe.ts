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

/**
 * Reads a pipe as bytes into `onChunk`, giving timers and signals their turn every 4 ms. One read is outstanding
 * at a time, so memory stays flat and the writer feels the pressure.
 */
export function readPipe(
  stream: ReadableStream<Uint8Array>,
  onChunk: (bytes: Uint8Array) => void,
): PipeReader {
  const reader = stream.getReader();
  return { done: pump(reader, onChunk), cancel: () => reader.cancel().catch(() => {}) };
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  onChunk: (bytes: Uint8Array) => void,
): Promise<void> {
  let sliceStart = performance.now();
  while (true) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done || value === undefined) return;
    onChunk(value);
    if (performance.now() - sliceStart > SLICE_MS) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      sliceStart = performance.now();
    }
  }
}
