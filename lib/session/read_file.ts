import type { FileTrouble } from "../study/study.ts";
import { fileForbidden, fileIsFolder, fileMissing, fileUnreadable } from "./messages.ts";

/**
 * Why a file could not be read: there is none, a folder above it may not be entered, so that nobody can tell, or it is there
 * and cannot be read.
 */
export interface ReadTrouble extends FileTrouble {
  readonly kind: "missing" | "hidden" | "unreadable";
}

/** The bytes of a file, or why they could not be read. */
export function readFile(path: string): Uint8Array<ArrayBuffer> | ReadTrouble {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    const kind = isMissing ? "missing" : isHidden(path) ? "hidden" : "unreadable";
    return { kind, trouble: troubleOf(error) };
  }
}

/** True where a folder above the path may not be entered. */
function isHidden(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied;
  }
}

function troubleOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return fileMissing();
  if (error instanceof Deno.errors.PermissionDenied) return fileForbidden();
  if (error instanceof Deno.errors.IsADirectory) return fileIsFolder();
  return fileUnreadable((error as Error).message);
}
