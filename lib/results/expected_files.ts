import type { ResultRecord } from "./record.ts";

/** A file beside result.json that holds what the record is a digest of. */
export type DetailFile = "requests.jsonl" | "power.parquet";

/** Whether the run of a record wrote such a file, so that somebody has removed one that is not there. */
export function hasWritten(file: DetailFile, { latency, energy }: ResultRecord): boolean {
  if (file === "power.parquet") return (energy?.devices ?? []).some(({ samples }) => samples > 0);
  return [latency?.ttft_ms, latency?.e2e_ms].some((times) => (times?.n ?? 0) > 0);
}
