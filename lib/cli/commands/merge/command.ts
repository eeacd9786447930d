import { mergedInto } from "../../../archive/merge/messages.ts";
import { mergeStudies } from "../../../archive/merge/merge_studies.ts";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { printable } from "../../../base/text.ts";
import { SaveError } from "../../../storage/save_error.ts";
import type { Streams } from "../../terminal/streams.ts";
import type { MergeCommand } from "./options.ts";

/** `llem merge`: one study directory of several. */
export function mergeCommand({ dirs, output }: MergeCommand, { err }: Streams): number {
  try {
    const merged = mergeStudies(dirs, output);
    const lines = [mergedInto(merged.dir, { ...merged, parts: dirs.length }), ...merged.notes];
    for (const line of lines) err.write(`llem: ${printable(line)}\n`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof SaveError)) throw error;
    throw new CommandError(EXIT.notSaved, error.message);
  }
}
