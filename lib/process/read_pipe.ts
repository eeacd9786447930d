import { setImmediate } from "node:timers";

/** Reading in one go starves timers: a flood delayed a 100 ms deadline by up to 421 ms. */
const SLICE_MS = 4;

/** A pipe being read to its end. */
export interface PipeReader {
  /** Resolves at end-of-file, on a read error or after `cancel`, when all that was read is taken in. Never rejects. */
  readonly done: Promise<void>;
  /** Stops reading, also where a stranger keeps the other end open. Resolves as `done` does. */
  cancel(): Promise<void>;
}

/** Work that was begun: each `next()` does a little of it. */
export type Steps = Iterator<void, void>;

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
  return readPipeInSteps(stream, (bytes) => {
    onChunk(bytes);
    return NO_STEPS;
  });
}

const NO_STEPS: Steps = [].values();

/**
 * The same where a chunk may take longer than others can wait: they get their turn between its steps, too. The bytes are
 * the caller's until the last step is done.
 */
export function readPipeInSteps(
  stream: ReadableStream<Uint8Array>,
  onChunk: (bytes: Uint8Array) => Steps,
): PipeReader {
  const reader = stream.getReader({ mode: "byob" });
  const turns = new Turns();
  const done = pump(reader, onChunk, turns);
  const cancel = async (): Promise<void> => {
    turns.isOver = true;
    await reader.cancel().catch(() => {});
    await done;
  };
  return { done, cancel };
}

/** When it is time to give others their turn. */
class Turns {
  /** What is left is done in one go. */
  isOver = false;
  #sliceStart = performance.now();

  get isDue(): boolean {
    return !this.isOver && performance.now() - this.#sliceStart > SLICE_MS;
  }

  async give(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#sliceStart = performance.now();
  }
}

async function pump(
  reader: ReadableStreamBYOBReader,
  onChunk: (bytes: Uint8Array) => Steps,
  turns: Turns,
): Promise<void> {
  let buffer = spare.pop() ?? new ArrayBuffer(BUFFER_BYTES);
  while (true) {
    const { done, value } = await reader.read(new Uint8Array(buffer)).catch(() => GONE);
    if (value !== undefined) buffer = value.buffer;
    if (done || value === undefined) {
      // A cancelled read keeps its buffer.
      if (value !== undefined) spare.push(buffer);
      return;
    }
    const steps = onChunk(value);
    while (steps.next().done !== true) if (turns.isDue) await turns.give();
    if (turns.isDue) await turns.give();
  }
}

/** What a failed read amounts to. */
const GONE = { done: true, value: undefined } as const;
