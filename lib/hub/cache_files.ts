import { isFile } from "../base/files.ts";
import { randomUUID } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { Problem } from "../base/problem.ts";
import { cacheUnwritable, fileNameRefused } from "./messages.ts";

/** Does something in the cache. Throws Problem where the disk does not let it. */
export function inCache<T>(cache: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(cacheUnwritable(cache, (error as Error).message), { cause: error });
  }
}

/** The path of something in a folder, by a name that others chose. Throws Problem where it leads out of the folder. */
export function inside(folder: string, name: string): string {
  const parts = name.split("/");
  if (name.includes("\0") || name.includes("\\") || parts.some((part) => ["", ".", ".."].includes(part))) {
    throw new Problem(fileNameRefused(name));
  }
  return join(folder, name);
}

/** Makes bytes of the cache appear in the folder of a commit. Where there can be no link, they move there. */
export function showBlob(blob: string, path: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${randomUUID()}`;
  try {
    Deno.symlinkSync(relative(dirname(path), blob), aside);
  } catch {
    Deno.renameSync(blob, path);
    return;
  }
  // In one step, also over a link whose bytes are gone.
  Deno.renameSync(aside, path);
}

/** Writes a small file in one step. */
export function replaceText(path: string, text: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${randomUUID()}`;
  Deno.writeTextFileSync(aside, text);
  Deno.renameSync(aside, path);
}

/** Every file below a folder, by its path there; a link whose target is gone is none. */
export function filesBelow(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(join(folder, prefix))].flatMap(({ name, isDirectory }) => {
    const path = prefix + name;
    if (isDirectory) return filesBelow(folder, `${path}/`);
    return isFile(join(folder, path)) ? [path] : [];
  });
}
