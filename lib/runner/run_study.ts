/**
 * lib/runner owns the study in motion: it takes the runs in order, makes one attempt after the other, writes
 * each end down before the next begins, and listens to the user's wish to stop. It prints nothing and knows no
 * backend.
 */
import { Deadline } from "../base/deadline.ts";
import { monotonicMs } from "../base/clock.ts";
import { LLEM_VERSION } from "../base/version.ts";
import type { StudyStatus } from "../journal/fold.ts";
import type { Totals } from "../journal/runner_event.ts";
import type { PoolMode } from "../plan/pool/pool.ts";
import { searchBounds } from "../plan/search.ts";
import { othersRuns } from "../plan/shard.ts";
import { mostRuns } from "../plan/until.ts";
import type { StopSignal } from "../process/inherited.ts";
import { earlierWorker, EngineWatch } from "./engine_watch.ts";
import { GapWatch } from "./gap_watch.ts";
import { type EndReason, haltOf, haltText } from "./halt.ts";
import type { Control, Host, Slot, Study } from "./lifetimes.ts";
import { contendedStudy } from "../results/contention/messages.ts";
import { makeRun } from "./make_run.ts";
import type { Step } from "./next_step.ts";
import type { RunSource } from "./run_source.ts";
import { Tally } from "./tally.ts";
import { prepareSlot, waitGap } from "./waits.ts";
import { runsSkipped } from "./messages.ts";
import { nextRun } from "./next_run.ts";
import { quarantine } from "./quarantine.ts";
import { tellGivenUp } from "./tell_given_up.ts";
import { auditedPool } from "./pool/audit/audit_pool.ts";
import type { BoardPool } from "./pool/board_pool.ts";
import type { PoolSource } from "./pool/chain_source.ts";
import { PlannedGroups } from "./pool/planned_groups.ts";
import { runPool } from "./pool/run_pool.ts";

/** How the study ended. */
export interface StudyEnd {
  readonly status: Exclude<StudyStatus, "running">;
  readonly totals: Totals;
  /** What ended it before its last run, where that was neither a limit nor the runs themselves. */
  readonly cut: StudyCut | null;
}

/**
 * Why a study was cut short: a stop signal; the wish to end after the run at hand; or a worker that lives on in
 * spite of SIGKILL, so that what it holds is not to be used.
 */
export type StudyCut =
  | { readonly kind: "signal"; readonly signal: StopSignal }
  | { readonly kind: "drained" }
  | { readonly kind: "unkillable" }
  /** Nothing is left to take, and other agents are still at work. */
  | { readonly kind: "others" };

/** Runs a study to its end, one run at a time on one slot. Throws SaveError, with no worker left alive. */
export async function runStudy(
  study: Study,
  source: RunSource,
  host: Host,
  slot: Slot,
  control: Omit<Control, "limit">,
): Promise<StudyEnd> {
  return await conduct({ study, source, host, mode: null }, control, async (control) => {
    const tally = new Tally(study.plan.execution, study.ledger, engineWatch(study));
    const reason = await runAll(study, source, host, slot, control, tally).finally(() => slot.servers?.end());
    return { reason, counts: tally.counts, is_board_lost: slot.metering.loss.signal.aborted };
  });
}

/** The same with several runs at a time, on the boards of a pool. */
export async function runStudyOnPool(
  study: Study,
  source: PoolSource,
  host: Host,
  pool: BoardPool,
  control: Omit<Control, "limit">,
): Promise<StudyEnd> {
  return await conduct({ study, source, host, mode: pool.mode }, control, async (control) => {
    const { execution } = study.plan;
    const groups = new PlannedGroups(execution.give_up_after);
    const tally = new Tally(execution, study.ledger, engineWatch(study), groups);
    const { feed } = source;
    const audited = await auditedPool({ study, host, pool }, control);
    const reason = await runPool({ ...audited, study, feed, host, control, tally, groups });
    return { reason, counts: tally.counts, is_board_lost: reason?.halt?.kind === "device_lost" };
  });
}

/** What the runs of a session came to. */
interface Conducted {
  readonly reason: EndReason | null;
  readonly counts: Tally["counts"];
  /** A device was lost that runs needed. */
  readonly is_board_lost: boolean;
}

/** What is run, by whom, and how. */
interface Session {
  readonly study: Study;
  readonly source: Pick<RunSource, "rest">;
  readonly host: Host;
  /** Null for one run at a time. */
  readonly mode: PoolMode | null;
}

/** The begin and the end of a session, and between them its runs. */
async function conduct(
  { study, source, host, mode }: Session,
  { stop, suspension }: Omit<Control, "limit">,
  makeRuns: (control: Control) => Promise<Conducted>,
): Promise<StudyEnd> {
  const seconds = study.plan.execution.study_timeout_seconds;
  using limit = new Deadline(seconds, () => suspension.doubtMs());
  using _ = suspension.listen((pausedMs, cause) => {
    // A machine that sleeps does not move the clock of the limit.
    if (cause === "stopped") limit.extend(pausedMs);
  });
  const control = { stop, suspension, limit: { signal: limit.signal, seconds } };
  const beganMs = monotonicMs();
  announce(study, source, host, mode);
  const { reason, counts: { completed, contended }, is_board_lost } = await makeRuns(control);
  if (contended > 0) {
    study.emit({ type: "warning", code: "contended", text: contendedStudy(contended, completed) });
  }
  const status = endStatus(study, is_board_lost, control);
  const { ledger, dir: study_dir } = study;
  ledger.append({ type: "study_finished", status });
  ledger.writeManifest();
  const duration_s = (monotonicMs() - beganMs) / 1000;
  const totals = ledger.totals();
  const text = reason === null ? null : reason.text;
  study.emit({ type: "study_finished", status, reason: text, totals, study_dir, duration_s });
  return { status, totals, cut: cutOf(reason, control) };
}

function engineWatch(study: Study): EngineWatch {
  return new EngineWatch((engine) => earlierWorker(study, engine));
}

/** Says and writes down that this session begins. */
function announce(
  { plan, dir, ledger, emit }: Study,
  source: Pick<RunSource, "rest">,
  host: Host,
  mode: PoolMode | null,
): void {
  const { name, study_design_hash } = plan;
  const { total } = ledger.totals();
  const most = searchBounds(plan)?.runs ?? mostRuns(plan) ?? undefined;
  emit({
    type: "study_started",
    study_dir: dir,
    name,
    study_design_hash,
    total,
    skipped: plan.skipped.length,
    done_before: total - source.rest().length,
    ...most === undefined ? {} : { most_runs: most },
    ...plan.execution.until === null ? {} : { open_ended: true },
  });
  ledger.append({
    type: ledger.isNew ? "study_started" : "study_resumed",
    // Whole in plan.json; a line of the journal is short.
    study_name: name?.slice(0, LONGEST_NAME) ?? null,
    study_design_hash,
    total,
    llem_version: LLEM_VERSION,
    runner: host.owner,
    containment: host.containment.kind,
    ...mode === null ? {} : { parallel: mode },
  });
}

/** Of a study, in the journal. */
const LONGEST_NAME = 200;

/** Runs what is to be run; the reason where not all of it was. Failures of earlier sessions count for nothing. */
async function runAll(
  study: Study,
  source: RunSource,
  host: Host,
  slot: Slot,
  control: Control,
  tally: Tally,
): Promise<EndReason | null> {
  const { execution } = study.plan;
  const watch = new GapWatch(execution);
  const watched = { ...study, emit: watching(watch, study.emit) };
  let left = 0;
  for (let run = await nextRun(study, source); run !== null; run = await nextRun(study, source)) {
    if (tally.hasGivenUp(run)) {
      left += 1;
      continue;
    }
    await waitGap(run, watch, watched, slot, control);
    await prepareSlot(run, slot, control);
    const before = tally.step(run, null, haltOf(slot, control));
    const step: Step = before.kind === "halt"
      ? before
      : await makeRun(run, watched, host, slot, control, tally);
    if (step.kind === "give_up") tellGivenUp(run, step.way, study, source.rest());
    if (step.kind !== "halt") continue;
    if (step.reason.kind === "unkillable") quarantine(run, study, slot);
    return { text: haltText(step.reason, execution), halt: step.reason };
  }
  if (left === 0) return null;
  const text = runsSkipped(left, execution.give_up_after);
  return { text, halt: null };
}

function watching(watch: GapWatch, emit: Study["emit"]): Study["emit"] {
  return (event) => {
    watch.take(event);
    emit(event);
  };
}

function endStatus({ ledger, plan }: Study, is_board_lost: boolean, { stop }: Control): StudyEnd["status"] {
  const { total, completed, interrupted } = ledger.totals();
  if (completed === total - othersRuns(plan).size) return "completed";
  const isCut = stop.requested !== null || stop.draining.aborted || is_board_lost;
  return isCut || interrupted > 0 ? "interrupted" : "failed";
}

function cutOf(reason: EndReason | null, { stop }: Control): StudyCut | null {
  if (reason?.halt?.kind === "unkillable") return { kind: "unkillable" };
  if (stop.requested !== null) return { kind: "signal", signal: stop.requested };
  return stop.draining.aborted ? { kind: "drained" } : null;
}
