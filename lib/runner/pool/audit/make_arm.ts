import { smallest } from "../../../base/numbers.ts";
import type { AuditArm } from "../../../plan/pool/audit_plan.ts";
import { type AuditedRun, auditedValues } from "../../../results/audit.ts";
import type { ResultRecord } from "../../../results/record.ts";
import type { AttemptGate } from "../../attempt_listeners.ts";
import type { Control } from "../../lifetimes.ts";
import { localStop } from "../local_stop.ts";
import { BusyBoards } from "./busy_boards.ts";
import { type AuditParts, makeAuditRun } from "./make_audit_run.ts";

/**
 * Makes one run of an audit. Beside others it is measured only once all of them are, and they go on until it has ended. Throws
 * SaveError.
 */
export async function makeArm(
  { run, boards, pair, arm, companions }: AuditArm,
  parts: AuditParts,
  control: Control,
): Promise<AuditedRun> {
  using local = localStop(control.stop);
  const name = `p${pair}_${arm}`;
  const others = new BusyBoards(companions, `${name}_companion`, parts, control);
  try {
    const gate = gateBehind(others, () => {
      local.stop.request("SIGTERM");
      local.stop.request("SIGTERM");
    });
    const made = await makeAuditRun({ run, boards, name, gate }, parts, { ...control, stop: local.stop });
    const { record, result_file } = made;
    return {
      run_id: record.run.run_id,
      config_hash: run.config_hash,
      pair,
      arm,
      devices: boards,
      kind: record.outcome.kind,
      result_file,
      values: auditedValues(record),
      beside_share: arm === "alone" ? null : besideShare(record, companions.length),
    };
  } finally {
    await others.end();
  }
}

/** Opens once all others are measured; `onFailure` where they never will be. */
function gateBehind(others: BusyBoards, onFailure: () => void): AttemptGate {
  let pass: (() => void) | null = null;
  const look = (): void => {
    if (others.hasFailed) return onFailure();
    if (pass === null || !others.areBusy) return;
    pass();
    pass = null;
  };
  others.listen(look);
  return {
    ready: (open) => {
      pass = open;
      look();
    },
    measured: () => {},
  };
}

/** Of the measured window, the share in which the least busy of the other boards was measured; null without a window. */
function besideShare({ run, throughput }: ResultRecord, others: number): number | null {
  const window_s = throughput?.window_s ?? 0;
  if (!(window_s > 0)) return null;
  const busy = new Map<string, number>();
  for (const { devices, measure_overlap_s } of run.parallel?.beside ?? []) {
    busy.set(devices.join(" "), (busy.get(devices.join(" ")) ?? 0) + measure_overlap_s);
  }
  const least = busy.size < others ? 0 : smallest([...busy.values()]);
  return Math.min(1, least / window_s);
}
