/**
 * The last bytes of a file, so many at most, and whether there are more before them. Null where it cannot be read, or is no
 * regular file: to open a pipe in its place would wait for ever.
 */
export function readTail(path: string, mostBytes: number): { bytes: Uint8Array; isCut: boolean } | null {
  try {
    if (!Deno.lstatSync(path).isFile) return null;
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    const start = Math.max(0, size - mostBytes);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(size - start);
    let length = 0;
    while (length < bytes.length) {
      const count = file.readSync(bytes.subarray(length));
      if (count === null) break;
      length += count;
    }
    return { bytes: bytes.subarray(0, length), isCut: start > 0 };
  } catch {
    return null;
  }
}
