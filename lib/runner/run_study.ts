/**
 * lib/runner owns the study in motion: it takes the runs in order, makes one attempt after the other, writes
 * each end down before the next begins, and listens to the user's wish to stop. It prints nothing and knows no
 * backend.
 */
import { monotonicMs } from "../base/clock.ts";
import { LLEM_VERSION } from "../base/version.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunInputs } from "../experiment/inputs.ts";
import { type Outcome, statusOf } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";
import type { EnvironmentChange } from "../host/environment_changes.ts";
import type { ProcessIdentity } from "../journal/event.ts";
import type { JournalFold, StudyStatus } from "../journal/fold.ts";
import type { Journal } from "../journal/journal.ts";
import { GroupLog, groupOf } from "../plan/give_up.ts";
import type { Plan } from "../plan/plan.ts";
import { backoffSeconds, markFlaky } from "../plan/retry.ts";
import { runLimitSeconds } from "../plan/run_limit.ts";
import type { ContainmentMethod } from "../process/containment.ts";
import type { Guard } from "../process/guard.ts";
import type { ChildProcess } from "../process/spawn.ts";
import type { StopSignal } from "../process/inherited.ts";
import { makeRecord } from "../results/record.ts";
import { RunFolder, runFolderName } from "../results/run_folder.ts";
import type { QuarantinedProcess } from "../storage/device_lock.ts";
import type { Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { firstAbort } from "../base/abort.ts";
import { Deadline } from "../base/deadline.ts";
import { finishedEvent } from "../journal/finished_event.ts";
import type { Emit, Totals } from "../journal/runner_event.ts";
import type { AttemptRequest, Launcher } from "../launch/attempt_request.ts";
import type { AttemptDeps } from "./attempt.ts";
import type { MemoryGate } from "../metering/memory_gate.ts";
import type { Metering } from "../metering/metering.ts";
import { haltText } from "./halt_text.ts";
import { Ledger } from "./ledger.ts";
import { type Halt, type HaltReason, nextStep, type Step, type StepState } from "./next_step.ts";
import { runOnce } from "./run_once.ts";
import type { RunSource } from "./run_source.ts";
import type { StopSwitch } from "../process/stop.ts";
import type { Suspension } from "../process/suspension.ts";

/** Everything a study in motion needs. */
export interface StudyRun {
  readonly plan: Plan;
  /** Hands out the runs that are to be made now. */
  readonly source: RunSource;
  readonly study_dir: string;
  readonly base_dir: string;
  /** The model and the prompts of a run. */
  readonly inputsOf: (config: ExperimentConfig) => RunInputs;
  readonly runner: ProcessIdentity;
  readonly disk: Disk;
  readonly journal: Journal;
  /** The journal so far, folded; empty for a new study. */
  readonly fold: JournalFold;
  readonly guard: Guard;
  readonly containment: ContainmentMethod;
  readonly memory: MemoryGate;
  readonly metering: Metering;
  /** What is not as it was when the study began, on the machine. */
  readonly environmentChanges: () => readonly EnvironmentChange[];
  readonly stop: StopSwitch;
  readonly suspension: Suspension;
  readonly launch: Launcher;
  /** Keeps everybody from the study's devices while a process lives that could not be killed. */
  readonly quarantine: (by: QuarantinedProcess) => void;
  readonly emit: Emit;
}

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
  | { readonly kind: "unkillable" };

/** Runs a study to its end. Throws SaveError, with no worker left alive. */
export async function runStudy(study: StudyRun): Promise<StudyEnd> {
  const session = new StudySession(study);
  try {
    return await session.run();
  } finally {
    session.dispose();
  }
}

/** How often to look whether the next run folder's name is free: a crash can leave a folder without a journal line. */
const FOLDER_TRIES = 1000;

class StudySession {
  readonly #study: StudyRun;
  readonly #ledger: Ledger;
  readonly #limit: Deadline;
  readonly #limitSeconds: number | null;
  readonly #armed = new DisposableStack();
  readonly #groups: GroupLog;
  /** Runs of this session that failed. */
  #failedRuns = 0;
  #unkillable = false;
  #logFailed = false;

  constructor(study: StudyRun) {
    this.#study = study;
    const { plan, suspension } = study;
    this.#groups = new GroupLog(plan.execution.give_up_after);
    this.#limitSeconds = plan.execution.study_timeout_seconds;
    this.#limit = this.#armed.use(new Deadline(this.#limitSeconds, () => suspension.doubtMs()));
    this.#armed.use(suspension.listen((pausedMs, cause) => {
      // A machine that sleeps does not move the clock of the limit.
      if (cause === "stopped") this.#limit.extend(pausedMs);
    }));
    this.#ledger = this.#armed.use(
      new Ledger(study, (error) => {
        this.#warn("manifest", `manifest.json could not be written: ${error.message}`);
      }),
    );
  }

  async run(): Promise<StudyEnd> {
    const { plan, source, study_dir, runner } = this.#study;
    const startedMs = monotonicMs();
    const { name, study_design_hash } = plan;
    const { total } = this.#ledger.totals();
    this.#study.emit({
      type: "study_started",
      study_dir,
      name,
      study_design_hash,
      total,
      skipped: plan.skipped.length,
      done_before: total - source.rest().length,
    });
    this.#ledger.append({
      type: this.#ledger.isNew ? "study_started" : "study_resumed",
      study_name: name,
      study_design_hash,
      total,
      llem_version: LLEM_VERSION,
      runner,
      containment: this.#study.containment.kind,
    });
    const reason = await this.#runAll();
    const status = this.#endStatus();
    this.#ledger.append({ type: "study_finished", status });
    this.#ledger.writeManifest();
    const duration_s = (monotonicMs() - startedMs) / 1000;
    const totals = this.#ledger.totals();
    this.#study.emit({ type: "study_finished", status, reason, totals, study_dir, duration_s });
    return { status, totals, cut: this.#cut() };
  }

  dispose(): void {
    this.#armed.dispose();
  }

  /** Runs what is to be run; the reason where not all of it was. Failures of earlier sessions count for nothing. */
  async #runAll(): Promise<string | null> {
    const { source, plan: { execution } } = this.#study;
    let isFirst = true;
    let left = 0;
    for (let run = this.#nextRun(); run !== null; run = this.#nextRun()) {
      if (this.#groups.hasGivenUp(run)) {
        left += 1;
        continue;
      }
      if (!isFirst) await this.#gap(run);
      isFirst = false;
      await this.#prepare(run);
      const before = nextStep(this.#stepState(run), null);
      const step = before.kind === "halt" ? before : await this.#makeRun(run);
      if (step.kind === "halt") return this.#endFor(step.reason, run);
      if (step.kind === "give_up") this.#giveUp(run, step.way, source.rest());
    }
    return left === 0
      ? null
      : `${left} runs were not made (execution.give_up_after is ${execution.give_up_after})`;
  }

  #nextRun(): Run | null {
    const { source } = this.#study;
    const added = source.grow(this.#ledger.state);
    if (added.length > 0) {
      this.#ledger.add(added);
      this.#study.emit({ type: "runs_added", runs: added, total: this.#ledger.totals().total });
    }
    return source.next(this.#ledger.state);
  }

  /** Says what is not going to be made; those runs stay pending, so that a resume makes them. */
  #giveUp(run: Run, way: string, rest: readonly Run[]): void {
    this.#groups.giveUp(run);
    const group = groupOf(run);
    const left = rest.filter((other) => groupOf(other) === group).length;
    if (left === 0) return;
    const after = this.#study.plan.execution.give_up_after;
    this.#warn(
      "gave_up",
      `The first ${after} runs of ${group} all ended ${way}; ${left} more of it are not made ` +
        `(execution.give_up_after is ${after})`,
    );
  }

  /** The reason in words. What a worker that cannot be killed holds is kept from everybody for as long as it lives. */
  #endFor(reason: HaltReason, run: Run): string {
    if (reason.kind === "unkillable") this.#quarantine(run);
    return haltText(reason, this.#study.plan.execution);
  }

  #quarantine(run: Run): void {
    this.#unkillable = true;
    const started = this.#ledger.entryOf(run)?.started;
    if (started === null || started === undefined || started.worker === null) return;
    const { pid, start_ticks, boot_id } = started.worker;
    const { study_dir } = this.#study;
    this.#study.quarantine({ pid, start_ticks, boot_id, study_dir, run_id: started.run_id });
  }

  #halt(): Halt | null {
    const { requested, draining } = this.#study.stop;
    if (requested !== null) return { kind: "signal", signal: requested };
    if (draining.aborted) return { kind: "drained" };
    const { loss } = this.#study.metering;
    if (loss.signal.aborted) return { kind: "device_lost", text: loss.text };
    if (this.#limit.signal.aborted) return { kind: "study_limit", seconds: this.#limitSeconds };
    return null;
  }

  #stepState(run: Run): StepState {
    return {
      rules: this.#study.plan.execution,
      tries: this.#ledger.entryOf(run)?.tries ?? 0,
      failed_runs: this.#failedRuns,
      group_ends: this.#groups.endsOf(run),
      halt: this.#halt(),
    };
  }

  /** What the metering wants to see or wait for before a worker is there. */
  async #prepare(run: Run): Promise<void> {
    if (this.#halt() !== null) return;
    const { signal, draining } = this.#study.stop;
    await this.#study.metering.prepare(run.config, signal, draining, this.#limit.signal);
  }

  async #gap(run: Run): Promise<void> {
    if (run.gap_before === null || this.#halt() !== null) return;
    const { gaps } = this.#study.plan;
    const seconds = run.gap_before === "cycle" ? gaps.cycle_s : gaps.experiment_s;
    this.#study.emit({ type: "gap_started", kind: run.gap_before, seconds, run });
    using gap = new Deadline(seconds);
    const { signal, draining } = this.#study.stop;
    await firstAbort(gap.signal, signal, draining, this.#limit.signal);
  }

  /** Makes attempts of a run until it is over, and decides what follows. A stop during the wait leaves it with retries due. */
  async #makeRun(run: Run): Promise<Step> {
    while (true) {
      const { outcome, attempt, step } = await this.#attempt(run);
      if (step.kind !== "retry") return this.#runEnded(run, outcome);
      // An attempt that was made void from outside is no try of the run's.
      if (step.pause === "none") continue;
      await this.#backOff(run, attempt + 1);
      await this.#prepare(run);
      if (this.#halt() !== null) return this.#runEnded(run, outcome);
    }
  }

  #runEnded(run: Run, outcome: Outcome): Step {
    const step = nextStep(this.#stepState(run), outcome);
    if (statusOf(outcome.kind) === "failed") this.#failedRuns += 1;
    this.#groups.add(run, outcome);
    return step;
  }

  /** Waits before an attempt that follows a failed one. */
  async #backOff(run: Run, attempt: number): Promise<void> {
    const { retry_backoff_seconds } = this.#study.plan.execution;
    const { tries } = this.#stepState(run);
    const seconds = backoffSeconds(tries, retry_backoff_seconds, Math.random());
    if (seconds === 0) return;
    this.#study.emit({ type: "retry_waiting", run, attempt, seconds });
    using wait = new Deadline(seconds);
    const { signal, draining } = this.#study.stop;
    await firstAbort(wait.signal, signal, draining, this.#limit.signal);
  }

  async #attempt(run: Run): Promise<{ outcome: Outcome; attempt: number; step: Step }> {
    const { emit } = this.#study;
    const before = this.#ledger.entryOf(run);
    const { folder, attempt, run_id } = this.#createFolder(run, (before?.attempt ?? 0) + 1);
    try {
      emit({ type: "run_started", run, run_id, attempt });
      const request = this.#request({ run, run_id, attempt, folder });
      const facts = await runOnce(request, this.#attemptDeps(request));
      const log = facts.warnings.find(({ code }) => code === "log");
      if (log !== undefined && !this.#logFailed) this.#warn(log.code, log.text);
      this.#logFailed ||= log !== undefined;
      const outcome = markFlaky(facts.outcome, before?.failures ?? 0);
      const record = makeRecord({
        ...facts,
        outcome,
        environment_changes: this.#study.environmentChanges(),
      });
      const result_file = folder.saveRecord(record);
      const step = nextStep(this.#stepState(run), outcome);
      const will_retry = step.kind === "retry";
      this.#ledger.append(finishedEvent(record, { result_file, will_retry }));
      emit({ type: "run_finished", run, record, result_file, will_retry });
      return { outcome, attempt, step };
    } finally {
      folder.close();
    }
  }

  #createFolder(run: Run, firstAttempt: number): { folder: RunFolder; attempt: number; run_id: string } {
    const { index, config_hash, cycle, config: { model, backend } } = run;
    for (let attempt = firstAttempt;; attempt++) {
      const run_id = runFolderName({ index, model, backend, config_hash, cycle, attempt });
      try {
        return { folder: new RunFolder(this.#study.disk, this.#study.study_dir, run_id), attempt, run_id };
      } catch (error) {
        const taken = error instanceof SaveError && error.cause instanceof Deno.errors.AlreadyExists;
        if (!taken || attempt - firstAttempt > FOLDER_TRIES) throw error;
      }
    }
  }

  #request(
    of: Pick<AttemptRequest, "run" | "run_id" | "attempt" | "folder">,
  ): AttemptRequest {
    const { execution } = this.#study.plan;
    return {
      ...of,
      limits: {
        total_s: runLimitSeconds(of.run.config, execution),
        startup_s: execution.startup_timeout_seconds,
        silence_s: execution.silence_timeout_seconds,
        grace_s: execution.grace_seconds,
      },
      devices: execution.devices,
      base_dir: this.#study.base_dir,
      study_dir: this.#study.study_dir,
      inputs: this.#study.inputsOf(of.run.config),
    };
  }

  #attemptDeps(request: AttemptRequest): AttemptDeps {
    const { launch, guard, containment, memory, metering, stop, suspension, emit, runner } = this.#study;
    const { run, run_id, attempt, folder } = request;
    return {
      launch,
      guard,
      containment,
      memory,
      metering,
      stop,
      suspension,
      study_limit: { signal: this.#limit.signal, seconds: this.#limitSeconds ?? 0 },
      onStarted: (child) => {
        this.#ledger.append({
          type: "run_started",
          index: run.index,
          config_hash: run.config_hash,
          cycle: run.cycle,
          attempt,
          run_id,
          folder: folder.relative,
          worker: child === null ? null : workerIdentity(runner, child),
        });
      },
      onFrame: (frame, view) => {
        if (frame.type === "phase") emit({ type: "run_phase", run, phase: view.phases.current });
        if (frame.type !== "progress") return;
        const { done, total, unit, note } = frame;
        emit({ type: "run_progress", run, done, total, unit, note: note ?? null });
      },
    };
  }

  #endStatus(): Exclude<StudyStatus, "running"> {
    const { total, completed, interrupted } = this.#ledger.totals();
    if (completed === total) return "completed";
    const { requested, draining } = this.#study.stop;
    const isCut = requested !== null || draining.aborted || this.#study.metering.loss.signal.aborted;
    return isCut || interrupted > 0 ? "interrupted" : "failed";
  }

  #cut(): StudyCut | null {
    const { requested, draining } = this.#study.stop;
    if (this.#unkillable) return { kind: "unkillable" };
    if (requested !== null) return { kind: "signal", signal: requested };
    return draining.aborted ? { kind: "drained" } : null;
  }

  #warn(code: string, text: string): void {
    this.#study.emit({ type: "warning", code, text });
  }
}

function workerIdentity(runner: ProcessIdentity, child: ChildProcess): ProcessIdentity {
  return { ...runner, pid: child.pid, start_ticks: child.start_ticks };
}
