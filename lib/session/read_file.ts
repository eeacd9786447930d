import type { FileTrouble } from "../study/study.ts";

/** Why a file could not be read, and whether that is because there is none. */
export interface ReadTrouble extends FileTrouble {
  readonly kind: "missing" | "unreadable";
}

/** The bytes of a file, or why they could not be read. */
export function readFile(path: string): Uint8Array<ArrayBuffer> | ReadTrouble {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    return { kind: isMissing ? "missing" : "unreadable", trouble: troubleOf(error) };
  }
}

function troubleOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "the file does not exist; check the path";
  if (error instanceof Deno.errors.PermissionDenied) return "the file may not be read; check its permissions";
  if (error instanceof Deno.errors.IsADirectory) return "this is a folder; name a file";
  return `the file cannot be read: ${(error as Error).message}`;
}
