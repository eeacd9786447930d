/**
 * lib/cluster owns what agents do with the directory that they share: claims, ends, heartbeats, and what its file system
 * can be trusted with. An agent is a process that makes part of a study. Nothing here relies on locks between machines, on
 * clocks that agree, or on a listing that is up to date; of all that only `SharedFiles.create` must be exclusive.
 */
import { dirname, join } from "node:path";
import { readRegularText } from "../base/files.ts";
import { realDisk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { SHARED_FILE } from "./messages.ts";

/** The files that agents share, by their path in the study directory. */
export interface SharedFiles {
  /**
   * Makes a file, whole and durable. True where it is ours; false where one of that name was there, which may still be our
   * own, by a try whose answer was lost. With `mode` nobody else gets more than that. Throws SaveError.
   */
  create(name: string, text: string, mode?: number): boolean;
  /** The text of a file, empty for what is no file of ours; null where there is nothing. Throws SaveError. */
  read(name: string): string | null;
}

/** How a file is made exclusively: by giving a whole one a second name, or by O_EXCL where there are no such names. */
export type CreateMethod = "link" | "exclusive";

/** Folders of a shared study directory. */
export const SHARED = {
  agents: "agents",
  beats: "beats",
  claims: "claims",
  ends: "ends",
  journals: "journals",
  /** Of each agent a folder of its own, for as long as it is there. */
  own: "tmp",
} as const;

/** The files in a study directory. `owner`: names what is not whole yet, and nobody else's. */
export function sharedFiles(dir: string, owner: string, method: CreateMethod): SharedFiles {
  return {
    create: (name, text, mode) => {
      const path = join(dir, name);
      try {
        return method === "link" ? linkWhole(path, text, owner, mode) : writeExclusively(path, text, mode);
      } catch (error) {
        throw new SaveError(SHARED_FILE, path, error);
      }
    },
    read: (name) => {
      const path = join(dir, name);
      try {
        return readOrNull(path);
      } catch (error) {
        throw new SaveError(SHARED_FILE, path, error);
      }
    },
  };
}

/** More than any of these files ever holds. */
const MOST_BYTES = 16 * 2 ** 20;

/** Empty for what is none of ours though it has the name, such as a folder, a pipe, which is not opened, or gigabytes. */
export function readOrNull(path: string): string | null {
  try {
    return readRegularText(path, MOST_BYTES);
  } catch (error) {
    if (error instanceof TypeError) return "";
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}

/** Files that this process has made. */
let made = 0;

/**
 * link(2): over NFS an answer may get lost, and the call that is sent again finds the name that the first one made; that its
 * file has two names by then tells it from somebody else's (open(2), on O_EXCL). The whole file lies in the same folder: some
 * file systems (BeeGFS) link only there.
 */
function linkWhole(path: string, text: string, owner: string, mode?: number): boolean {
  // A name of its own each time: where the last one could not be removed, it is a second name of what was made with it.
  const own = join(dirname(path), `.${owner}.${++made}`);
  try {
    writeDurably(own, text, { create: true, truncate: true, ...mode === undefined ? {} : { mode } });
    try {
      Deno.linkSync(own, path);
    } catch (error) {
      if (!isMine(own)) {
        if (error instanceof Deno.errors.AlreadyExists) return false;
        throw error;
      }
    }
  } finally {
    removeQuietly(own);
  }
  realDisk.syncFolder(dirname(path));
  return true;
}

/** By an open file: its attributes are asked of the server then, not of a cache. */
function isMine(own: string): boolean {
  using file = Deno.openSync(own);
  return file.statSync().nlink === 2;
}

/** A crash leaves an empty file: a claim of nobody, an end of nobody, which the next generation or round goes over. */
function writeExclusively(path: string, text: string, mode?: number): boolean {
  try {
    writeDurably(path, text, { createNew: true, ...mode === undefined ? {} : { mode } });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  realDisk.syncFolder(dirname(path));
  return true;
}

function writeDurably(path: string, text: string, how: Deno.OpenOptions): void {
  using file = Deno.openSync(path, { write: true, ...how });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is passed over by its name.
  }
}
