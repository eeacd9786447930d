import { join } from "node:path";
import type { RunFinished } from "../journal/event.ts";
import { readRecord } from "../results/read_record.ts";
import type { ResultRecord } from "../results/record.ts";

/**
 * The record of an attempt that the journal says has ended; null where there is none, it is damaged, or it is not what the
 * journal says: of another run or attempt, or with another outcome.
 */
export function readResult(dir: string, end: RunFinished): ResultRecord | null {
  const record = end.result_file === null ? null : readRecord(join(dir, end.result_file));
  if (record === null) return null;
  const { run, outcome } = record;
  const isTheirs = run.run_id === end.run_id && run.attempt === end.attempt &&
    run.config_hash === end.config_hash && outcome.kind === end.kind;
  return isTheirs ? record : null;
}
