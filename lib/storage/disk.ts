/**
 * lib/storage owns durable files, bounded logs and locks. It knows paths and bytes, nothing of studies or plans.
 *
 * A file that must survive a crash goes through `Disk`; the tests hold a twin of it that fails at the nth write.
 */
import { removeIfThere } from "../base/files.ts";
import { dirname, join } from "node:path";

/** A file that only grows. */
export interface AppendFile {
  /**
   * Adds bytes with one write. With `sync`, returns once they are on the device (fdatasync). Where it throws, the file
   * ends where it ended before, if the device allows: what could not be saved must not be read later.
   */
  append(bytes: Uint8Array, sync: boolean): void;
  close(): void;
}

/** The writes that the product depends on. Every method throws what the system threw. */
export interface Disk {
  /** Creates a folder and fails if it is there already (EEXIST). Its parent must exist. */
  createFolder(path: string): void;
  /**
   * Puts a whole file in place so that a crash leaves the old or the new one: write, fsync, rename, fsync folder. A long one
   * may come in pieces, each asked for when the one before is written. With `mode` nobody else gets more than that, at no
   * instant.
   */
  replace(path: string, content: Uint8Array | Iterable<Uint8Array>, mode?: number): void;
  openAppend(path: string): AppendFile;
  /** Gives a file another name in the same folder; one of that name is replaced. */
  rename(from: string, to: string): void;
  /** Makes the entries of a folder durable (fsync of the folder), where the file system can. */
  syncFolder(path: string): void;
}

/** Of this process: agents in containers may have the same pid, and share a directory. */
const WRITER = `${Deno.pid}${String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0).padStart(10, "0")}`;

/** What a file is called until it is whole and takes its name. */
export function temporaryName(path: string): string {
  return `${path}.tmp-${WRITER}`;
}

/** The file system. */
export const realDisk: Disk = {
  createFolder: (path) => Deno.mkdirSync(path),
  replace(path, content, mode) {
    const temporary = temporaryName(path);
    try {
      {
        const options = { write: true, create: true, truncate: true };
        using file = Deno.openSync(temporary, mode === undefined ? options : { ...options, mode });
        // One that is there already keeps its own mode.
        if (mode !== undefined) Deno.chmodSync(temporary, mode);
        for (const bytes of content instanceof Uint8Array ? [content] : content) writeAll(file, bytes);
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
        let written = 0;
        try {
          while (written < bytes.length) written += file.writeSync(bytes.subarray(written));
          if (sync) file.syncDataSync();
        } catch (error) {
          takeBack(file, written);
          throw error;
        }
      },
      close: () => file.close(),
    };
  },
  rename: (from, to) => Deno.renameSync(from, to),
  syncFolder(path) {
    try {
      using folder = Deno.openSync(path, { read: true });
      folder.syncSync();
    } catch (error) {
      if (!cannotSync(error)) throw error;
    }
  },
};

/** Removes what `replace` leaves of these files of a folder when it is killed in the middle. Never throws. */
export function removeTemporaries(folder: string, names: readonly string[]): void {
  for (const entry of entriesOf(folder)) {
    const of = /^(.+)\.tmp-\d+$/.exec(entry.name)?.[1];
    if (entry.isFile && of !== undefined && names.includes(of)) removeIfThere(join(folder, entry.name));
  }
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    // What cannot be tidied up costs a little space, not the study.
    return [];
  }
}

/** A folder that we may write but not read, and file systems without fsync for folders (EINVAL, some in user space). */
function cannotSync(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied || /\(os error 22\)/.test((error as Error).message);
}

function takeBack(file: Deno.FsFile, bytes: number): void {
  try {
    if (bytes > 0) file.truncateSync(file.statSync().size - bytes);
  } catch {
    // A device that takes nothing any more; a reader finds a torn line at the end.
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
