/**
 * lib/runner owns the study in motion: it takes the runs in order, makes one attempt after the other, writes
 * each end down before the next begins, and listens to the user's wish to stop. It prints nothing and knows no
 * backend.
 */
import { Deadline } from "../base/deadline.ts";
import { monotonicMs } from "../base/clock.ts";
import { LLEM_VERSION } from "../base/version.ts";
import type { Run } from "../experiment/run.ts";
import type { StudyStatus } from "../journal/fold.ts";
import type { Totals } from "../journal/runner_event.ts";
import { groupOf } from "../plan/give_up.ts";
import { searchBounds } from "../plan/search.ts";
import { othersRuns } from "../plan/shard.ts";
import { mostRuns } from "../plan/until.ts";
import type { Look } from "../statistics/look.ts";
import type { VariedValues } from "../results/varied.ts";
import type { StopSignal } from "../process/inherited.ts";
import { earlierWorker, EngineWatch } from "./engine_watch.ts";
import { GapWatch } from "./gap_watch.ts";
import { haltOf, type HaltReason, haltText } from "./halt.ts";
import type { Control, Host, Slot, Study } from "./lifetimes.ts";
import { contendedStudy } from "../results/contention/messages.ts";
import { makeRun } from "./make_run.ts";
import type { Step } from "./next_step.ts";
import type { RunSource } from "./run_source.ts";
import { Tally } from "./tally.ts";
import { prepareSlot, waitGap } from "./waits.ts";
import { givingUp, runsSkipped } from "./messages.ts";

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

/** Runs a study to its end, on one slot. Throws SaveError, with no worker left alive. */
export async function runStudy(
  study: Study,
  source: RunSource,
  host: Host,
  slot: Slot,
  { stop, suspension }: Omit<Control, "limit">,
): Promise<StudyEnd> {
  const seconds = study.plan.execution.study_timeout_seconds;
  using limit = new Deadline(seconds, () => suspension.doubtMs());
  using _ = suspension.listen((pausedMs, cause) => {
    // A machine that sleeps does not move the clock of the limit.
    if (cause === "stopped") limit.extend(pausedMs);
  });
  const control = { stop, suspension, limit: { signal: limit.signal, seconds } };
  const beganMs = monotonicMs();
  announce(study, source, host);
  const engines = new EngineWatch((engine) => earlierWorker(study, engine));
  const tally = new Tally(study.plan.execution, study.ledger, engines);
  const reason = await runAll(study, source, host, slot, control, tally).finally(() => slot.servers?.end());
  const { completed, contended } = tally.counts;
  if (contended > 0) {
    study.emit({ type: "warning", code: "contended", text: contendedStudy(contended, completed) });
  }
  const status = endStatus(study, slot, control);
  const { ledger, dir: study_dir } = study;
  ledger.append({ type: "study_finished", status });
  ledger.writeManifest();
  const duration_s = (monotonicMs() - beganMs) / 1000;
  const totals = ledger.totals();
  const text = reason === null ? null : reason.text;
  study.emit({ type: "study_finished", status, reason: text, totals, study_dir, duration_s });
  return { status, totals, cut: cutOf(reason, control) };
}

/** Says and writes down that this session begins. */
function announce({ plan, dir, ledger, emit }: Study, source: RunSource, host: Host): void {
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
  });
}

/** Of a study, in the journal. */
const LONGEST_NAME = 200;

/** Why not all runs were made, in words; what halted the study, where something did. */
interface EndReason {
  readonly text: string;
  readonly halt: HaltReason | null;
}

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

async function nextRun(study: Study, source: RunSource): Promise<Run | null> {
  const { plan, ledger, emit } = study;
  const look = source.look?.(ledger.state) ?? null;
  if (look !== null) {
    ledger.append({ type: "look", ...look });
    emit({ type: "look", look, varied: namedIn(look, study), most: plan.execution.max_cycles });
  }
  const added = source.grow(ledger.state);
  if (added.length > 0) {
    ledger.add(added);
    emit({ type: "runs_added", runs: added, total: ledger.totals().total });
  }
  return await source.next(ledger.state);
}

/** What tells the experiments apart that a look names. */
function namedIn({ metrics, left_out }: Look, { plan, varied }: Study): Record<string, VariedValues> {
  const hashes = new Set(
    [...metrics.flatMap(({ widest }) => widest), ...left_out].map((one) => one.config_hash),
  );
  const firsts = plan.runs.slice(0, plan.n_experiments * plan.n_cycles).filter((run) =>
    hashes.has(run.config_hash)
  );
  return Object.fromEntries(firsts.map(({ config_hash, config }) => [config_hash, varied(config)]));
}

/** Says what is not going to be made; those runs stay pending, so that a resume makes them. */
function tellGivenUp(run: Run, way: string, { plan, emit }: Study, rest: readonly Run[]): void {
  const group = groupOf(run);
  const left = rest.filter((other) => groupOf(other) === group).length;
  if (left === 0) return;
  const after = plan.execution.give_up_after;
  emit({ type: "warning", code: "gave_up", text: givingUp({ group, after, way, left }) });
}

/** What a worker that cannot be killed holds is kept from everything for as long as it lives. */
function quarantine(run: Run, { dir, ledger }: Study, slot: Slot): void {
  const started = ledger.entryOf(run)?.started;
  if (started === null || started === undefined || started.worker === null) return;
  const { pid, start_ticks, boot_id } = started.worker;
  slot.quarantine({ pid, start_ticks, boot_id, study_dir: dir, run_id: started.run_id });
}

function endStatus({ ledger, plan }: Study, { metering }: Slot, { stop }: Control): StudyEnd["status"] {
  const { total, completed, interrupted } = ledger.totals();
  if (completed === total - othersRuns(plan).size) return "completed";
  const isCut = stop.requested !== null || stop.draining.aborted || metering.loss.signal.aborted;
  return isCut || interrupted > 0 ? "interrupted" : "failed";
}

function cutOf(reason: EndReason | null, { stop }: Control): StudyCut | null {
  if (reason?.halt?.kind === "unkillable") return { kind: "unkillable" };
  if (stop.requested !== null) return { kind: "signal", signal: stop.requested };
  return stop.draining.aborted ? { kind: "drained" } : null;
}
