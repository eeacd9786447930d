/**
 * lib/host owns what is to be known about this machine and this program. It starts nothing and changes nothing but
 * the links it is asked for.
 */
import { sha256Hex } from "../base/canonical_json.ts";
import { removeIfThere, removeTree } from "../base/files.ts";
import { isNoexec } from "../base/mounts.ts";
import { projectFile } from "../base/project_files.ts";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startedFromCache, startedFromProgram } from "./messages.ts";

/** How to start this program again: the program and the arguments that come before its own. */
export interface SelfProgram {
  readonly program: string;
  readonly args: readonly string[];
}

/** The compiled binary by its own path, or Deno with the same main module when run from source. */
export function selfProgram(): SelfProgram {
  if (Deno.build.standalone) return { program: Deno.execPath(), args: [] };
  const path = (name: string): string => fileURLToPath(projectFile(name));
  const args = [
    "run",
    "-A",
    "-q",
    "--no-check",
    "--cached-only",
    "--config",
    path("deno.json"),
    path("main.ts"),
  ];
  return { program: Deno.execPath(), args };
}

/** What workers are started from. */
export interface PinnedProgram extends Disposable {
  readonly self: SelfProgram;
  /** What there is to say about that; null where it is as usual. */
  readonly notice: string | null;
}

const PINNED = ".llem-worker";

/**
 * The folder from which workers of the study in `studyDir` can be started: its own, else one of its name in the user's cache.
 * Null where no program may be started from either (mounted noexec). The study need not be there yet.
 */
export function workerFolder(studyDir: string, cache: string | null): string | null {
  return isNoexec(studyDir) ? cachedFolder(studyDir, cache) : studyDir;
}

/** Null where no program can be put into the cache, or none may be started from it. */
function cachedFolder(studyDir: string, cache: string | null): string | null {
  if (cache === null || isNoexec(cache)) return null;
  try {
    Deno.mkdirSync(cache, { recursive: true, mode: 0o700 });
    removeIfThere(Deno.makeTempFileSync({ dir: cache, prefix: ".llem-workers-" }));
    return folderIn(cache, studyDir);
  } catch {
    return null;
  }
}

function folderIn(cache: string, studyDir: string): string {
  const path = resolve(studyDir);
  return join(cache, "workers", `${basename(path)}-${sha256Hex(path).slice(0, 8)}`);
}

/** Removes what a killed runner has pinned for the study in that folder. */
export function unpinProgram(studyDir: string, cache: string | null): void {
  removeIfThere(join(studyDir, PINNED));
  if (cache !== null) removeTree(folderIn(cache, studyDir));
}

/**
 * Links the running binary into the study's folder (a copy where no hard link is possible), so that replacing or deleting
 * the original changes nothing for workers started later; into the user's cache where no program may be started from the
 * study's folder. The link goes when the value is disposed. Where neither does, workers are started from the binary itself, and the
 * notice says so. Run from source there is nothing to link. Throws what the system threw, leaving nothing behind.
 */
export function pinProgram(studyDir: string, cache: string | null): PinnedProgram {
  const self = selfProgram();
  if (!Deno.build.standalone) return { self, notice: null, [Symbol.dispose]: () => {} };
  if (!isNoexec(studyDir)) return { ...pinIn(studyDir, self), notice: null };
  const folder = cachedFolder(studyDir, cache);
  if (folder !== null) {
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
      const pinned = pinIn(folder, self);
      return {
        ...pinned,
        notice: startedFromCache(studyDir, folder),
        [Symbol.dispose]: () => removeTree(folder),
      };
    } catch {
      removeTree(folder);
    }
  }
  return { self, notice: startedFromProgram(studyDir, self.program), [Symbol.dispose]: () => {} };
}

function pinIn(folder: string, self: SelfProgram): Omit<PinnedProgram, "notice"> {
  const path = join(folder, PINNED);
  removeIfThere(path);
  try {
    linkOrCopy(self.program, path);
  } catch (error) {
    removeIfThere(path);
    throw error;
  }
  return { self: { ...self, program: path }, [Symbol.dispose]: () => removeIfThere(path) };
}

function linkOrCopy(from: string, to: string): void {
  try {
    Deno.linkSync(from, to);
  } catch {
    // Another file system, or a binary that is not ours to link (fs.protected_hardlinks).
    Deno.copyFileSync(from, to);
  }
}
