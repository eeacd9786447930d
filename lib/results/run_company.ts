import type { RecordParallel, ResultRecord } from "./record.ts";

/** How one run shared its machine, as far as rows need it. */
export interface RunCompany {
  readonly mode: RecordParallel["mode"];
  readonly slot: number;
  /** Its boards, as its worker was told them. */
  readonly devices: readonly string[];
  /** Runs that were there at some time of it. */
  readonly beside: number;
  /** Those of them that were measured while it was. */
  readonly measured_beside: number;
}

/** Null where runs are made one at a time. */
export function companyOf(
  { run: { devices, parallel = null } }: Pick<ResultRecord, "run">,
): RunCompany | null {
  if (parallel === null) return null;
  const { mode, slot, beside } = parallel;
  const measured_beside = beside.filter(({ measure_overlap_s }) => measure_overlap_s > 0).length;
  return { mode, slot, devices, beside: beside.length, measured_beside };
}
