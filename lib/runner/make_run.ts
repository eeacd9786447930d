import { stampNs } from "../base/stamp.ts";
import { basename } from "node:path";
import { CLIENT_LIMITED, type Outcome, type OutcomeFlag } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";
import type { AttemptFolder, RunFinished } from "../journal/event.ts";
import { finishedEvent } from "../journal/finished_event.ts";
import { isRunEnd } from "../journal/standing.ts";
import { isVoid, markFlaky } from "../plan/retry.ts";
import { inputChanged } from "../inputs/input_changed.ts";
import { runLimitSeconds } from "../plan/run_limit.ts";
import { secretsOf } from "../plan/search.ts";
import type { AttemptPlace, AttemptRequest } from "../launch/attempt_request.ts";
import type { ChildProcess } from "../process/spawn.ts";
import { namedBeside } from "../results/contention/beside.ts";
import { contendedRun } from "../results/contention/messages.ts";
import {
  type AttemptFacts,
  makeRecord,
  type RecordNeighbour,
  type RecordStudy,
  type RecordWarning,
} from "../results/record.ts";
import { RunFolder, runFolderName } from "../results/run_folder.ts";
import { SaveError } from "../storage/save_error.ts";
import type { AttemptGate, AttemptListeners } from "./attempt_listeners.ts";
import { haltOf } from "./halt.ts";
import type { Control, Host, PoolSlot, Slot, Study } from "./lifetimes.ts";
import type { Step } from "./next_step.ts";
import { runOnce } from "./run_once.ts";
import { serverBook } from "./server_book.ts";
import type { Tally } from "./tally.ts";
import { prepareSlot, waitBackoff } from "./waits.ts";
import { otherAgentsBeside, runDiscarded } from "./messages.ts";
import { type Neighbour, recordParallel } from "./pool/neighbours.ts";
import type { Emit } from "../journal/runner_event.ts";

/** How often to look whether the next run folder's name is free: a crash can leave a folder without a journal line. */
const FOLDER_TRIES = 1000;

/** Makes attempts of a run until it is over, and says what follows. A stop during a wait leaves it with retries due. */
export async function makeRun(
  run: Run,
  study: Study,
  host: Host,
  slot: Slot,
  control: Control,
  tally: Tally,
): Promise<Step> {
  while (true) {
    const { outcome, attempt, step } = await makeAttempt(run, study, host, slot, control, tally);
    if (step.kind !== "retry") {
      if (step.kind !== "halt" && isVoid(outcome)) tellVoid(run, study);
      return tally.end(run, outcome, haltOf(slot, control));
    }
    if (step.pause === "none") continue;
    await waitBackoff(run, { outcome, attempt: attempt + 1 }, study, control);
    await prepareSlot(run, slot, control);
    const halt = haltOf(slot, control);
    if (halt !== null) return tally.end(run, outcome, halt);
  }
}

export function tellVoid(run: Run, { ledger, emit }: Study): void {
  const text = runDiscarded(run.index, ledger.entryOf(run)?.voids ?? 0);
  emit({ type: "warning", code: "void", text });
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly outcome: Outcome;
  readonly attempt: number;
  /** What was to follow when its end was written down. */
  readonly step: Step;
  /** Another attempt of the run is to follow. */
  readonly will_retry: boolean;
}

/** Makes one attempt, and writes it down: result durable, journal line, then everything else. Throws SaveError. */
export async function makeAttempt(
  run: Run,
  study: Study,
  host: Host,
  slot: Slot,
  control: Control,
  tally: Tally,
): Promise<AttemptEnd> {
  const { ledger, emit } = study;
  const before = ledger.entryOf(run);
  const { folder, attempt, run_id } = createFolder(run, (before?.attempt ?? 0) + 1, study, host);
  try {
    const { pool } = slot;
    const placed = pool === undefined ? {} : { placed: pool.placed };
    emit({ type: "run_started", run, run_id, attempt, ...placed });
    const request = requestOf({ run, run_id, attempt, folder }, study, slot);
    using neighbour = pool?.neighbours.enter({ run_id, devices: slot.devices }) ?? null;
    const listeners = listenersOf(request, study, host, pool, neighbour);
    const begun_ns = Number(stampNs());
    const seen = await runOnce(request, host, slot, control, listeners);
    const parallel = pool === undefined || neighbour === null
      ? {}
      : { parallel: recordParallel(pool.place, neighbour) };
    const facts = withNeighbours(seen, parallel.parallel?.beside ?? []);
    const log = facts.warnings.find(({ code }) => code === "log");
    if (log !== undefined && tally.isNew("log")) {
      emit({ type: "warning", code: log.code, text: log.text });
    }
    const outcome = markDoubts(
      markFlaky(onSameInputs(facts.outcome, run, study), before?.failures ?? 0),
      facts,
    );
    const warnings = [
      ...facts.warnings,
      ...agentsBeside(study, begun_ns),
      ...contentionWarnings(outcome, facts),
      ...tally.serverFacts.warnings(run.config, facts.measurement),
      ...tally.engines.warnings(run.config, facts.worker),
    ];
    const join_hash = study.inputs.joinHash(run.config, study.base_dir);
    const record = makeRecord({
      ...facts,
      run: { ...facts.run, ...agentOf(study), join_hash, ...parallel },
      outcome,
      warnings,
      study: recordStudy(study),
      varied: study.varied(run.config),
      host: host.owner.host,
      environment_changes: host.environmentChanges(),
    });
    tally.take(outcome);
    const result_file = folder.saveRecord(record);
    const next = tally.step(run, outcome, haltOf(slot, control));
    // A run that another agent has ended meanwhile is not made again.
    const step = next.kind === "retry" && study.ends?.has(run) === true ? OVER : next;
    const will_retry = step.kind === "retry" || isLost(step, outcome) && pool?.movesOn() === true;
    const { recordBytes: result_bytes } = folder;
    const finished = finishedEvent(record, { result_file, result_bytes, will_retry });
    const mark = isSuperseded(run, finished, study) ? { superseded: true } as const : {};
    ledger.append({ ...finished, ...mark });
    emit({ type: "run_finished", run, record, result_file, will_retry, ...mark });
    return { outcome, attempt, step, will_retry };
  } finally {
    folder.close();
  }
}

const OVER: Step = { kind: "continue" };

/** True where another agent has ended the run meanwhile. What was stopped or is to be made again is no end of a run. */
function isSuperseded(run: Run, finished: RunFinished, { ends }: Study): boolean {
  return ends !== undefined && isRunEnd(finished) && !ends.take(run, finished);
}

/** Other agents keep no gate and share no meter with this one: their runs are told of, whatever is metered. */
function agentsBeside({ elsewhere }: Study, begun_ns: number): RecordWarning[] {
  const runs = (elsewhere?.() ?? []).filter(({ end_ns }) => end_ns > begun_ns);
  if (runs.length === 0) return [];
  return [{
    code: "other_agent",
    text: otherAgentsBeside(runs.map(({ run_id, agent = "?" }) => `${run_id} (${agent})`)),
  }];
}

function agentOf({ agent }: Study): { readonly agent?: string } {
  return agent === undefined ? {} : { agent };
}

function recordStudy({ plan: { name, study_design_hash }, dir }: Study): RecordStudy {
  return { name, id: basename(dir), study_design_hash };
}

/** A run during which its model or prompts were replaced has measured nobody knows what. */
function onSameInputs(outcome: Outcome, { config }: Run, { inputs }: Study): Outcome {
  const change = outcome.kind === "completed" ? inputs.changeFor(config) : null;
  if (change === null) return outcome;
  const error = { ...inputChanged(change), traceback: null, retryable: false };
  return { ...outcome, kind: "failed", flags: [...outcome.flags, "result_present"], error };
}

/** A run that was slowed down, or whose client was, ends as it would have: its numbers carry the flags. */
function markDoubts(outcome: Outcome, { contention, warnings }: AttemptFacts): Outcome {
  if (outcome.kind !== "completed") return outcome;
  const flags: OutcomeFlag[] = [...outcome.flags];
  if (contention?.contended === "yes") flags.push("contended");
  if (warnings.some(({ code }) => code === CLIENT_LIMITED)) flags.push(CLIENT_LIMITED);
  return { ...outcome, flags };
}

/** Who was beside a run that had to wait for CPU time is said with that. */
function withNeighbours(facts: AttemptFacts, beside: readonly RecordNeighbour[]): AttemptFacts {
  const { contention } = facts;
  return contention === undefined ? facts : { ...facts, contention: namedBeside(contention, beside) };
}

function contentionWarnings({ flags }: Outcome, { contention }: AttemptFacts): RecordWarning[] {
  if (!flags.includes("contended")) return [];
  return [{ code: "contended", text: contendedRun(contention?.reasons ?? []) }];
}

/** A device was lost, and with it what the attempt was made for. */
function isLost(step: Step, { kind }: Outcome): boolean {
  return kind !== "completed" && step.kind === "halt" && step.reason.kind === "device_lost";
}

type NewAttempt = Pick<AttemptRequest, "run" | "run_id" | "attempt" | "folder">;

function createFolder(
  run: Run,
  firstAttempt: number,
  { dir }: Study,
  { disk }: Host,
): Omit<NewAttempt, "run"> {
  const { index, config_hash, cycle, config: { model, backend } } = run;
  for (let attempt = firstAttempt;; attempt++) {
    const run_id = runFolderName({ index, model, backend, config_hash, cycle, attempt });
    try {
      return { folder: new RunFolder(disk, dir, run_id), attempt, run_id };
    } catch (error) {
      const taken = error instanceof SaveError && error.cause instanceof Deno.errors.AlreadyExists;
      if (!taken || attempt - firstAttempt > FOLDER_TRIES) throw error;
    }
  }
}

/** What is asked of one attempt. */
export function requestOf(of: NewAttempt, study: Study, slot: Slot): AttemptRequest {
  const { execution, slo } = study.plan;
  return {
    ...of,
    secrets: secretsOf(study.plan, of.run),
    limits: {
      total_s: runLimitSeconds(of.run.config, execution),
      startup_s: execution.startup_timeout_seconds,
      silence_s: execution.silence_timeout_seconds,
      close_s: execution.close_timeout_seconds,
      grace_s: execution.grace_seconds,
      server_ready_s: execution.server_ready_timeout_seconds,
      ...execution.request_timeout_seconds === null ? {} : { request_s: execution.request_timeout_seconds },
    },
    devices: slot.devices,
    ...slot.pool === undefined ? {} : { place: placeOf(slot.pool, of.folder) },
    base_dir: study.base_dir,
    study_dir: study.dir,
    inputs: study.inputs.of(of.run.config),
    slo,
  };
}

function placeOf({ place, gate }: PoolSlot, folder: RunFolder): AttemptPlace {
  return { ...place, gate: gate === null ? null : folder.gatePath };
}

/** What the study makes of an attempt under way: lines in the journal before and after its worker is spawned, and events. */
function listenersOf(
  { run, run_id, attempt, folder }: AttemptRequest,
  { ledger, emit }: Study,
  { owner }: Host,
  pool: PoolSlot | undefined,
  neighbour: Neighbour | null,
): AttemptListeners {
  const identityOf = ({ pid, start_ticks }: ChildProcess): typeof owner => ({ ...owner, pid, start_ticks });
  const { index, config_hash, cycle } = run;
  const of: AttemptFolder = { index, config_hash, cycle, attempt, run_id, folder: folder.relative };
  let named = {};
  return {
    onStarting: ({ tag, cgroup, container = null, temporary }) => {
      const { host, boot_id } = owner;
      const folder = temporary === undefined ? {} : { temporary };
      const placed = pool === undefined ? {} : { placed: pool.placed };
      ledger.append({
        type: "run_starting",
        ...of,
        host,
        boot_id,
        tag,
        cgroup,
        container,
        ...folder,
        ...placed,
      });
      named = { tag };
    },
    onStarted: (child) => {
      ledger.append({
        type: "run_started",
        ...of,
        ...named,
        worker: child === null ? null : identityOf(child),
      });
    },
    ...pool === undefined || pool.gate === null ? {} : { gate: telling(pool.gate, run, emit, neighbour) },
    onFrame: (frame, view) => {
      neighbour?.hear(frame);
      if (frame.type === "phase") emit({ type: "run_phase", run, phase: view.phases.current });
      if (frame.type !== "progress") return;
      const { done, total, unit, note } = frame;
      emit({ type: "run_progress", run, done, total, unit, note: note ?? null });
    },
    servers: serverBook(run_id, (event) => ledger.append(event), owner),
  };
}

/** The same gate, and the events of it. */
function telling(gate: AttemptGate, run: Run, emit: Emit, neighbour: Neighbour | null): AttemptGate {
  return {
    ready: (pass) => {
      let isTold = false;
      let hasPassed = false;
      gate.ready(() => {
        hasPassed = true;
        if (isTold) emit({ type: "gate_passed", run });
        pass();
      });
      // One that need not wait has no wait to tell of.
      if (hasPassed) return;
      isTold = true;
      emit({ type: "gate_waiting", run });
    },
    measured: () => {
      // Before anybody else is measured.
      neighbour?.settle();
      gate.measured();
    },
  };
}
