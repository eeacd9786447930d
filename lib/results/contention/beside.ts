import { amongOthers } from "./messages.ts";
import type { ContentionRecord } from "./record.ts";

/**
 * The same, and who among the other processes is known: where runs of the study were beside a run that had to wait for CPU time,
 * they are named as such. An answer of no needs nobody.
 */
export function namedBeside(
  contention: ContentionRecord,
  beside: readonly { readonly run_id: string; readonly overlap_s: number }[],
): ContentionRecord {
  const run_ids = [...new Set(beside.filter(({ overlap_s }) => overlap_s > 0).map(({ run_id }) => run_id))];
  if (contention.contended !== "yes" || run_ids.length === 0) return contention;
  return { ...contention, reasons: [...contention.reasons, amongOthers(run_ids)], beside: run_ids };
}
