import { isFolder } from "../../../base/files.ts";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { SaveError } from "../../../storage/save_error.ts";
import { writeOutput } from "../../../storage/write_output.ts";
import { outputIsFolder, PAGE } from "./messages.ts";

/** Throws CommandError where a page cannot have this name. */
export function checkPageName(path: string): void {
  if (isFolder(path)) throw new CommandError(EXIT.usage, outputIsFolder(path));
}

/** Writes a page at the first of these places that takes it, and returns that. Throws CommandError where none does. */
export function savePage(
  bytes: Uint8Array<ArrayBuffer>,
  [path, ...others]: readonly [string, ...string[]],
): string {
  try {
    writeOutput(path, bytes);
    return path;
  } catch (error) {
    const [next, ...more] = others;
    if (next !== undefined) return savePage(bytes, [next, ...more]);
    throw new CommandError(EXIT.notSaved, new SaveError(PAGE, path, error).message);
  }
}
