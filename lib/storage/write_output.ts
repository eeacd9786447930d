import { realDisk } from "./disk.ts";

/**
 * Writes a file that a user named: a crash leaves the old or the new one. Behind a link the file that it leads to is replaced;
 * what is no file (a pipe, a terminal, /dev/null) is written into. Throws what the system threw.
 */
export function writeOutput(path: string, bytes: Uint8Array<ArrayBuffer>): void {
  const there = realPath(path);
  if (there !== null && !Deno.statSync(there).isFile) {
    using file = Deno.openSync(there, { write: true });
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    return;
  }
  realDisk.replace(there ?? path, bytes);
}

/** Null where nothing is there yet. */
function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
