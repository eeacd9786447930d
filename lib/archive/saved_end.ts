import { join } from "node:path";
import { utcNow } from "../base/clock.ts";
import type { AttemptFolder, RunFinished } from "../journal/event.ts";
import type { Outcome } from "../experiment/outcome.ts";
import type { ResultRecord } from "../results/record.ts";
import { readRecord } from "../results/read_record.ts";
import { finishedEvent } from "../journal/finished_event.ts";
import { encodeLine } from "../journal/journal_line.ts";
import type { Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { SAVED } from "./messages.ts";

/**
 * The end of an attempt whose runner died after it had saved the result and before the journal said so; null where
 * there is no result. The work is done: running it again would lose it. `isRetried` says whether another attempt was to
 * follow one that ended so. Throws SaveError.
 */
export function savedEnd(
  disk: Disk,
  studyDir: string,
  of: AttemptFolder,
  isRetried: (outcome: Outcome) => boolean,
): RunFinished | null {
  const path = join(studyDir, of.folder, "result.json");
  const record = readRecord(path);
  const end = record === null ? null : endOf(record, path, of, isRetried);
  if (end === null) return null;
  try {
    // A journal must never name a file that may vanish.
    disk.syncFolder(join(studyDir, of.folder));
    disk.syncFolder(join(studyDir, "runs"));
  } catch (error) {
    throw new SaveError(SAVED.result, path, error);
  }
  return end;
}

/** Null where the record is not of this attempt: the worker may write what it likes into its folder. */
function endOf(
  record: ResultRecord,
  path: string,
  of: AttemptFolder,
  isRetried: (outcome: Outcome) => boolean,
): RunFinished | null {
  try {
    const { run } = record;
    const isSame = run.run_id === of.run_id && run.attempt === of.attempt && run.index === of.index &&
      run.config_hash === of.config_hash && run.cycle === of.cycle;
    if (!isSame) return null;
    const result_file = `${of.folder}/result.json`;
    const result_bytes = Deno.statSync(path).size;
    const event = finishedEvent(record, { result_file, result_bytes, will_retry: isRetried(record.outcome) });
    // What the journal would not take is no end that this program wrote.
    encodeLine(event, utcNow());
    return event;
  } catch {
    return null;
  }
}
