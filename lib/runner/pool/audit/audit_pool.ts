/**
 * The audit of a study of which measured windows are to overlap: chosen experiments are measured alone and with all other
 * boards busy, before the study's own runs. What it comes to decides how they are made.
 */
import { auditArms } from "../../../plan/pool/audit_plan.ts";
import type { PoolMode } from "../../../plan/pool/pool.ts";
import { type AuditedRun, judgeAudit, type StudyAudit } from "../../../results/audit.ts";
import { haltOfStudy } from "../../halt.ts";
import type { Control } from "../../lifetimes.ts";
import { waitSeconds } from "../../waits.ts";
import type { BoardPool } from "../board_pool.ts";
import { Neighbours } from "../neighbours.ts";
import { PoolSlots } from "../pool_slots.ts";
import { makeArm } from "./make_arm.ts";
import type { AuditParts } from "./make_audit_run.ts";

/** The pool as the study's runs are made in it. */
export interface AuditedPool {
  readonly pool: BoardPool;
  /** A worker of the audit lives on in spite of SIGKILL; its boards are not the pool's any more. */
  readonly is_unkillable: boolean;
}

/**
 * The pool once an audit has been taken, where there is to be one: `shared` only as long as it has not found that neighbours
 * change what is measured, and with its word. Throws SaveError, with no worker left alive.
 */
export async function auditedPool(
  { study, host, pool }: Pick<AuditParts, "study" | "host" | "pool">,
  control: Control,
): Promise<AuditedPool> {
  if (pool.mode !== "shared") return { pool, is_unkillable: false };
  const unaudited = sharedAs(pool, "shared", "unaudited");
  const { audit: settings } = study.plan.execution;
  if (settings === null) return { pool: unaudited, is_unkillable: false };
  const slots = new PoolSlots(unaudited);
  const quarantined = new Set<string>();
  const parts: AuditParts = {
    study,
    host,
    pool: unaudited,
    neighbours: new Neighbours(),
    slots,
    quarantined,
  };
  try {
    const audit = study.ledger.state.audit ?? await takeAudit(parts, settings, control);
    const left = without(pool, quarantined);
    if (audit !== null) study.emit({ type: "audit_taken", audit });
    return { pool: sharedBy(audit, left), is_unkillable: quarantined.size > 0 };
  } finally {
    await slots.endServers();
  }
}

/** Null where it was ended before its end: what has been measured stands in the journal, and a resume goes on. */
async function takeAudit(
  parts: AuditParts,
  settings: Parameters<typeof auditArms>[1],
  control: Control,
): Promise<StudyAudit | null> {
  const { study: { plan, ledger, emit }, pool } = parts;
  const seed = Number.parseInt(plan.study_design_hash.slice(0, 8), 16) ^ (plan.seed ?? 0);
  const arms = auditArms({ chains: pool.chains(), sets: pool.sets, seed }, settings);
  const made: AuditedRun[] = [];
  let isFirst = true;
  for (const [place, arm] of arms.entries()) {
    const known = ledger.state.audited.find((run) =>
      run.config_hash === arm.run.config_hash && run.pair === arm.pair && run.arm === arm.arm &&
      run.devices.join() === arm.boards.join() && run.kind === "completed"
    );
    if (known !== undefined) {
      made.push(known);
      continue;
    }
    const { experiment_s } = plan.gaps;
    if (!isFirst && experiment_s > 0) await waitSeconds(experiment_s, control);
    isFirst = false;
    if (haltOfStudy(control) !== null) return null;
    if (parts.quarantined.size > 0) break;
    emit({
      type: "audit_run",
      run: arm.run,
      arm: arm.arm,
      beside: arm.companions.length,
      done: place,
      total: arms.length,
    });
    const run = await makeArm(arm, parts, control);
    ledger.append({ type: "audit_run", ...run });
    made.push(run);
  }
  if (haltOfStudy(control) !== null) return null;
  const audit = judgeAudit(made, settings);
  ledger.append({ type: "audit", ...audit });
  return audit;
}

function without(pool: BoardPool, gone: ReadonlySet<string>): BoardPool {
  if (gone.size === 0) return pool;
  return {
    ...pool,
    boards: pool.boards.filter((board) => !gone.has(board)),
    sets: (count) => pool.sets(count).filter((set) => set.every((board) => !gone.has(board))),
  };
}

/** The pool with its windows shared as an audit says; null where none has been taken to its end. */
function sharedBy(audit: StudyAudit | null, pool: BoardPool): BoardPool {
  if (audit?.answer === "differs") return sharedAs(pool, "staged", null);
  return sharedAs(pool, "shared", audit?.answer === "within_tolerance" ? "audited" : "unaudited");
}

/** The pool with its windows shared so, of which its places and its listener know. */
function sharedAs(pool: BoardPool, mode: PoolMode, shared_is: "audited" | "unaudited" | null): BoardPool {
  pool.onSharing?.({ mode, is_audited: shared_is === "audited" });
  return {
    ...pool,
    mode,
    placeOf: (number, boards) => ({
      ...pool.placeOf(number, boards),
      mode,
      ...shared_is === null ? {} : { shared_is },
    }),
  };
}
