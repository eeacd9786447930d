/**
 * lib/storage owns durable files, bounded logs and locks. It knows paths and bytes, nothing of studies or plans.
 *
 * A file that must survive a crash goes through `Disk`; the tests hold a twin of it that fails at the nth write.
 */
import { dirname } from "node:path";

/** A file that only grows. */
export interface AppendFile {
  /** Adds bytes with one write. With `sync`, returns once they are on the device (fdatasync). */
  append(bytes: Uint8Array, sync: boolean): void;
  close(): void;
}

/** The writes that the product depends on. Every method throws what the system threw. */
export interface Disk {
  /** Creates a folder and fails if it is there already (EEXIST). Its parent must exist. */
  createFolder(path: string): void;
  /** Puts a whole file in place so that a crash leaves the old or the new one: write, fsync, rename, fsync folder. */
  replace(path: string, bytes: Uint8Array): void;
  openAppend(path: string): AppendFile;
  /** Makes the entries of a folder durable (fsync of the folder). */
  syncFolder(path: string): void;
}

/** The file system. */
export const realDisk: Disk = {
  createFolder: (path) => Deno.mkdirSync(path),
  replace(path, bytes) {
    const temporary = `${path}.tmp-${Deno.pid}`;
    try {
      {
        using file = Deno.openSync(temporary, { write: true, create: true, truncate: true });
        writeAll(file, bytes);
        file.syncSync();
      }
      Deno.renameSync(temporary, path);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
    realDisk.syncFolder(dirname(path));
  },
  openAppend(path) {
    const file = Deno.openSync(path, { append: true, create: true });
    return {
      append(bytes, sync) {
        writeAll(file, bytes);
        if (sync) file.syncDataSync();
      },
      close: () => file.close(),
    };
  },
  syncFolder(path) {
    using folder = Deno.openSync(path, { read: true });
    folder.syncSync();
  },
};

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The first error is the one to report.
  }
}
