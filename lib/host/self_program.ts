/**
 * lib/host owns what is to be known about this machine and this program. It starts nothing and changes nothing but
 * the links it is asked for.
 */
import { removeIfThere } from "../base/files.ts";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** How to start this program again: the program and the arguments that come before its own. */
export interface SelfProgram {
  readonly program: string;
  readonly args: readonly string[];
}

/** The compiled binary by its own path, or Deno with the same main module when run from source. */
export function selfProgram(): SelfProgram {
  if (Deno.build.standalone) return { program: Deno.execPath(), args: [] };
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const args = ["run", "-A", "-q", "--no-check", "--cached-only", "--config", join(root, "deno.json")];
  return { program: Deno.execPath(), args: [...args, join(root, "main.ts")] };
}

/** A copy of this program that an upgrade cannot replace. */
export interface PinnedProgram extends Disposable {
  readonly self: SelfProgram;
}

const PINNED = ".llem-worker";

/** Removes the link that a killed runner left in its folder. */
export function unpinProgram(folder: string): void {
  removeIfThere(join(folder, PINNED));
}

/**
 * Links the running binary into `folder` (a copy where no hard link is possible), so that replacing or deleting
 * the original changes nothing for workers started later. The link goes when the value is disposed. Run from
 * source there is nothing to link. Throws what the system threw, leaving nothing behind.
 */
export function pinProgram(folder: string): PinnedProgram {
  const self = selfProgram();
  if (!Deno.build.standalone) return { self, [Symbol.dispose]: () => {} };
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
