import { dirname } from "node:path";
import { removeIfThere } from "../base/files.ts";
import { type Disk, realDisk } from "./disk.ts";

/**
 * Puts a file of any size in place as `Disk.replace` does, old or new after any crash, while its bytes are made. Where that
 * fails no temporary file is left. Throws what the system threw, or what the making of the bytes did.
 */
export async function replaceStreamed(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  disk: Disk = realDisk,
): Promise<void> {
  const temporary = `${path}.tmp-${Deno.pid}`;
  removeIfThere(temporary);
  try {
    const file = disk.openAppend(temporary);
    try {
      for await (const piece of pieces) file.append(piece, false);
      file.append(new Uint8Array(0), true);
    } finally {
      file.close();
    }
    disk.rename(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
  disk.syncFolder(dirname(path));
}
