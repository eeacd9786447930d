import { join } from "node:path";
import { readRecord } from "../../results/read_record.ts";
import type { TableRun } from "../../results/study_table.ts";
import type { RunDetails } from "./run_details.ts";

/** What the folder of a run tells; null where its result is missing or damaged. */
export async function readRunDetails(
  dir: string,
  study: number,
  { result_file, index, config_hash, cycle, attempt }: TableRun,
): Promise<RunDetails | null> {
  const record = result_file === null ? null : readRecord(join(dir, result_file));
  if (record === null) return null;
  return await Promise.resolve({
    study,
    index,
    run_id: record.run.run_id,
    config_hash,
    cycle,
    attempt,
    phases: [],
    energy: null,
    heat: null,
    latency: {},
    power: [],
  });
}
