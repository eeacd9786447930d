import { dirname } from "node:path";
import { removeIfThere } from "../base/files.ts";

let serial = 0;

/**
 * Puts a large file in place as `Disk.replace` does, old or new after any crash, while this thread goes on with other things
 * between two pieces and during the syncs. Nothing is replaced once the signal aborts, and no temporary file is left.
 * Throws what the system threw.
 */
export async function replaceInPieces(
  path: string,
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): Promise<void> {
  // Another name than that of a replacement in one go, which may come in between.
  const temporary = `${path}.tmp-${Deno.pid}${String(serial++).padStart(6, "0")}`;
  const remove = (): void => removeIfThere(temporary);
  signal.addEventListener("abort", remove);
  try {
    const file = await Deno.open(temporary, { write: true, create: true, truncate: true });
    try {
      for (const piece of pieces) {
        if (signal.aborted) return remove();
        for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
      }
      await file.sync();
    } finally {
      file.close();
    }
    if (signal.aborted) return remove();
    Deno.renameSync(temporary, path);
  } catch (error) {
    remove();
    throw error;
  } finally {
    signal.removeEventListener("abort", remove);
  }
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await Deno.open(path, { read: true });
  try {
    await folder.sync();
  } catch {
    // Some file systems cannot; the next replacement in one go says what else is wrong.
  } finally {
    folder.close();
  }
}
