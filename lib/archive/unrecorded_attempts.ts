import { join } from "node:path";
import { namesIn } from "../base/files.ts";
import { type Run, runKey } from "../experiment/run.ts";
import type { AttemptFolder } from "../journal/event.ts";
import type { StudyState } from "../journal/fold.ts";
import { runFolderName } from "../results/run_folder.ts";

/**
 * Attempts of these runs that have a folder but no line in the journal. The line that starts an attempt is written and not
 * synced: a power cut may take it and leave the result, which was. A runner that died in the instant in which it had made the
 * folder leaves one, too.
 */
export function unrecordedAttempts(
  studyDir: string,
  runs: readonly Run[],
  { entries }: StudyState,
): AttemptFolder[] {
  const names = new Set(namesIn(join(studyDir, "runs")));
  return runs.flatMap((run) => foldersAfter(run, entries.get(runKey(run))?.attempt ?? 0, names));
}

/** A session takes the first number that has no folder, so those of lost attempts follow each other. */
function foldersAfter(run: Run, last: number, names: ReadonlySet<string>): AttemptFolder[] {
  const { index, config_hash, cycle, config: { model, backend } } = run;
  const found: AttemptFolder[] = [];
  for (let attempt = last + 1;; attempt++) {
    const run_id = runFolderName({ index, model, backend, config_hash, cycle, attempt });
    if (!names.has(run_id)) return found;
    found.push({ index, config_hash, cycle, attempt, run_id, folder: `runs/${run_id}` });
  }
}
