import { basename } from "node:path";
import type { ChildProcess } from "../../../process/spawn.ts";
import { MEASURED_PHASE } from "../../../protocol/frame.ts";
import { safeName } from "../../../storage/exclusive_folder.ts";
import { SaveError } from "../../../storage/save_error.ts";
import type { Run } from "../../../experiment/run.ts";
import type { BoardSet } from "../../../plan/pool/pool.ts";
import { makeRecord, type ResultRecord } from "../../../results/record.ts";
import { RunFolder, shortModel } from "../../../results/run_folder.ts";
import type { AttemptGate } from "../../attempt_listeners.ts";
import type { Control, Host, Study } from "../../lifetimes.ts";
import { requestOf } from "../../make_run.ts";
import { runOnce } from "../../run_once.ts";
import { serverBook } from "../../server_book.ts";
import { prepareSlot } from "../../waits.ts";
import type { BoardPool } from "../board_pool.ts";
import { type Neighbours, recordParallel } from "../neighbours.ts";
import type { PoolSlots } from "../pool_slots.ts";

/** What all runs of an audit share. */
export interface AuditParts {
  readonly study: Study;
  readonly host: Host;
  readonly pool: BoardPool;
  readonly neighbours: Neighbours;
  readonly slots: PoolSlots;
  /** Boards that processes hold which cannot be killed: nothing more is made on them. */
  readonly quarantined: Set<string>;
}

/** A run of an audit. */
export interface AuditRun {
  readonly run: Run;
  readonly boards: BoardSet;
  /** Of its folder, the run's name left out: `p1_beside`. */
  readonly name: string;
  readonly gate: AttemptGate;
  /** Its measured window begins or ends. */
  readonly onMeasure?: (edge: "begin" | "end") => void;
}

/** A run of an audit that is over. */
export interface MadeAuditRun {
  readonly record: ResultRecord;
  /** Relative to the study directory. */
  readonly result_file: string;
  readonly folder: RunFolder;
}

/** Makes a run that is none of the study's: its folder is in `audit/`, and no summary has it. Throws SaveError. */
export async function makeAuditRun(
  { run, boards, name, gate, onMeasure }: AuditRun,
  { study, host, pool, neighbours, slots, quarantined }: AuditParts,
  control: Control,
): Promise<MadeAuditRun> {
  const { ledger, dir } = study;
  const slot = slots.of(boards);
  await prepareSlot(run, slot, control);
  const { folder, run_id, attempt } = createFolder(`${name}_${nameOf(run)}`, study, host);
  try {
    const number = slots.numberOf(boards);
    const place = pool.placeOf(number, boards);
    const placed = { chain: "audit", slot: number, devices: slot.devices };
    const given = { ...slot, pool: { placed, place, gate, neighbours, movesOn: () => false } };
    const request = requestOf({ run, run_id, attempt, folder }, study, given);
    using neighbour = neighbours.enter({ run_id, devices: slot.devices });
    const { host: machine, boot_id } = host.owner;
    const of = { config_hash: run.config_hash, run_id, folder: folder.relative, host: machine, boot_id };
    let started: ChildProcess | null = null as ChildProcess | null;
    const facts = await runOnce(request, host, given, control, {
      onStarting: ({ tag, cgroup, container = null, temporary }) => {
        const more = temporary === undefined ? {} : { temporary };
        ledger.append({ type: "audit_starting", ...of, tag, cgroup, container, ...more });
      },
      onStarted: (child) => {
        started = child;
      },
      gate,
      onFrame: (frame) => {
        neighbour.hear(frame);
        if (frame.type === "phase" && frame.name === MEASURED_PHASE) onMeasure?.(frame.edge);
      },
      servers: serverBook(run_id, (event) => ledger.append(event), host.owner),
    });
    const { name: study_name, study_design_hash } = study.plan;
    const record = makeRecord({
      ...facts,
      run: { ...facts.run, join_hash: null, parallel: recordParallel(place, neighbour) },
      study: { name: study_name, id: basename(dir), study_design_hash },
      varied: study.varied(run.config),
      host: machine,
      environment_changes: host.environmentChanges(),
    });
    if (record.outcome.kind === "unkillable" && started !== null) {
      const { pid, start_ticks } = started;
      slot.quarantine({ pid, start_ticks, boot_id, study_dir: dir, run_id });
      for (const board of boards) {
        quarantined.add(board);
        study.emit({ type: "board_out", board, why: "quarantined" });
      }
    }
    return { record, result_file: folder.saveRecord(record), folder };
  } finally {
    folder.close();
  }
}

function nameOf({ config: { model, backend }, config_hash }: Run): string {
  return `${safeName(shortModel(model), 40).toLowerCase() || "model"}_${backend}_${config_hash.slice(0, 8)}`;
}

/** How often to look whether the next name is free: an earlier session may have begun the same run. */
const MOST_TRIES = 1000;

function createFolder(
  name: string,
  { dir }: Study,
  { disk }: Host,
): { readonly folder: RunFolder; readonly run_id: string; readonly attempt: number } {
  for (let attempt = 1;; attempt++) {
    const run_id = attempt === 1 ? name : `${name}_a${attempt}`;
    try {
      return { folder: new RunFolder(disk, dir, run_id, "audit"), run_id, attempt };
    } catch (error) {
      const taken = error instanceof SaveError && error.cause instanceof Deno.errors.AlreadyExists;
      if (!taken || attempt > MOST_TRIES) throw error;
    }
  }
}
