import type { MeterMessage } from "./sample.ts";

const encoder = new TextEncoder();

/**
 * Writes a message to stdout as one line. Throws where nobody reads any more; let it: what nobody catches ends the
 * process, in a thread of it as well, where Deno.exit() would end the thread alone.
 */
export function writeMessage(message: MeterMessage): void {
  const bytes = encoder.encode(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) written += Deno.stdout.writeSync(bytes.subarray(written));
}

/** Splits bytes into lines and reads them as messages; what is no message is dropped. */
export class MessageReader {
  readonly #decoder = new TextDecoder();
  readonly #take: (message: MeterMessage) => void;
  #rest = "";

  constructor(take: (message: MeterMessage) => void) {
    this.#take = take;
  }

  push(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = readMessage(line);
      if (message !== null) this.#take(message);
    }
  }
}

/** Null for a line that a library printed. The meter is our own program: its messages are not checked any further. */
function readMessage(line: string): MeterMessage | null {
  if (!line.startsWith('{"type":')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
