const LF = 0x0a;
const CHUNK_BYTES = 64 * 1024;

/** What readLine() needs of a source of bytes. */
export interface ByteSource {
  read(chunk: Uint8Array): Promise<number | null>;
}

/**
 * The first line of a byte stream, without its line feed; null where the stream ends before the line does.
 * What follows the line in the same chunk is dropped: after the assignment nothing more is said.
 */
export async function readLine(source: ByteSource, maxBytes: number): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  while (true) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await source.read(chunk);
    if (count === null) return null;
    const end = chunk.subarray(0, count).indexOf(LF);
    parts.push(chunk.subarray(0, end === -1 ? count : end));
    size += parts.at(-1)?.length ?? 0;
    if (size > maxBytes) throw new RangeError(`Cannot read the line: it is longer than ${maxBytes} bytes`);
    if (end !== -1) return decode(parts, size);
  }
}

function decode(parts: readonly Uint8Array[], size: number): string {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
