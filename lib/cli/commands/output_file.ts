import { isFolder } from "../../base/files.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { SaveError } from "../../storage/save_error.ts";
import { writeOutput } from "../../storage/write_output.ts";
import { OUTPUT_TEXT, outputIsFolder, PAGE, pageNeedsFile } from "../messages.ts";

/** The name by which an output goes to stdout. */
export const STDOUT = "-";

/** Throws CommandError where a page cannot have this name; before the work that a page takes. */
export function checkPageName(path: string): void {
  if (path === STDOUT) throw new CommandError(EXIT.usage, pageNeedsFile());
  checkOutputName(path, "report.html");
}

/** Throws CommandError where no file can have this name. `example`: a name that it could have in a folder. */
export function checkOutputName(path: string, example: string): void {
  if (isFolder(path)) throw new CommandError(EXIT.usage, outputIsFolder(path, example));
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

/** Writes what would else go to stdout. Throws CommandError where it cannot. */
export function saveText(text: string, path: string): void {
  try {
    writeOutput(path, new TextEncoder().encode(text));
  } catch (error) {
    throw new CommandError(EXIT.notSaved, new SaveError(OUTPUT_TEXT, path, error).message);
  }
}
