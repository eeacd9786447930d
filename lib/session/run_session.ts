/**
 * lib/session owns a study from its file to its end: it opens, resumes, checks and runs one. It reports to its caller by
 * events and prints nothing, so that a command line, an agent and a test are callers alike.
 */
import { CommandError, EXIT } from "../base/refusal.ts";
import { userCacheFolder } from "../base/user_cache_folder.ts";
import { ENGINES } from "../engines/engines.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { Run } from "../experiment/run.ts";
import { hasGpu } from "../host/environment.ts";
import { pinProgram, type SelfProgram, selfProgram } from "../host/self_program.ts";
import { becomeSubreaper } from "../process/adopted.ts";
import { Guard } from "../process/guard.ts";
import { guardTrouble, missingGuardText } from "../process/guard_needs.ts";
import { closeInheritedOnExec } from "../process/inherited.ts";
import { writePythonWorker } from "../python/worker_files.ts";
import { InputsWatch } from "../inputs/inputs_watch.ts";
import { type EndedStudy, studyVerdict } from "../report/verdict/study_verdict.ts";
import type { StudyComparison } from "../results/compare/study_comparison.ts";
import { distinctConfigs, variedReader } from "../results/varied.ts";
import type { Plan } from "../plan/plan.ts";
import { comparedConfigs } from "../plan/search.ts";
import { mayRun } from "../plan/until.ts";
import { ONE_AT_A_TIME, type Sharing } from "../metering/metering.ts";
import type { Emit, RunnerEvent } from "../journal/runner_event.ts";
import type { Study } from "../runner/lifetimes.ts";
import { Ledger } from "../runner/ledger.ts";
import { planSource, type ReadySource, searchSource, untilSource } from "../runner/run_source.ts";
import { chainSource } from "../runner/pool/chain_source.ts";
import { runStudy, runStudyOnPool, type StudyEnd } from "../runner/run_study.ts";
import type { Suspension } from "../process/suspension.ts";
import { realDisk } from "../storage/disk.ts";
import { asPrivateAs } from "../storage/private_files.ts";
import { SaveError } from "../storage/save_error.ts";
import { takeBaselineAfter } from "./baselines_file.ts";
import { checkSpace } from "./check_space.ts";
import { comparisonOf } from "./comparison_of.ts";
import { contain } from "./contain.ts";
import { type EnvironmentWatch, watchEnvironment } from "./environment_watch.ts";
import { openMetering } from "./open_metering.ts";
import { energyNotice, fileNotWritten, guardReplaced, meterOwnUse, resuming, SAVED } from "./messages.ts";
import { isLocal } from "../launch/docker/preflight.ts";
import { launchAdvice, makeLaunch } from "../launch/launch.ts";
import { removeDeadFolders } from "../launch/temporary_folder.ts";
import { makeServerLaunch, serverCli } from "../launch/server_launch.ts";
import { openPool } from "./pool/open_pool.ts";
import { ALL_BOARDS, slotMaker } from "./pool/slots.ts";
import { nothingToDo } from "./nothing_to_do.ts";
import type { OpenSession } from "./open_session.ts";
import type { OpenStudy } from "./open_study.ts";
import type { SessionContext } from "./session_context.ts";
import { sharedEnd, type SharedOutcome } from "./join/shared_outcome.ts";
import { importantNotice, routineNotice } from "./session_event.ts";
import { launchUnchanged, tellChangedPrograms } from "./unchanged_inputs.ts";
import { otherAgentsRuns } from "../archive/shared/other_agents_runs.ts";
import { resultsOf } from "../archive/growth.ts";
import { removeStudyCaches } from "../archive/study_caches.ts";
import { saveSummary, SummaryBuilder } from "../archive/summary_builder.ts";

/** How a session ended. */
export type SessionEnd =
  /** Every run had ended before; `failed` of them without completing. */
  | { readonly kind: "nothing_to_do"; readonly failed: number }
  | { readonly kind: "ran"; readonly end: StudyEnd } & Omit<EndedStudy, "dir">;

/** What the runs of a session listen to besides its stop switch. */
export interface RunningContext extends SessionContext {
  readonly suspension: Suspension;
}

/**
 * Runs a study that has been opened, and has let go of it when it returns. Throws SaveError, with no worker left alive, and
 * CommandError where this machine cannot run it.
 */
export async function runSession(session: OpenSession, context: RunningContext): Promise<SessionEnd> {
  const { study } = session;
  const say = routineNotice(context.emit);
  const { status, started_at } = study.fold.state;
  // Where the runner died between its last run and the study's end, the end is still to be written down.
  const isOver = started_at !== null && status !== "running";
  if (study.todo.length === 0 && isOver) {
    return { kind: "nothing_to_do", failed: nothingToDo(study, context.emit) };
  }
  if (study.reasons !== "") say(resuming(study.todo.length, study.reasons));
  return await makeRuns(session, context);
}

async function makeRuns(session: OpenSession, context: RunningContext): Promise<SessionEnd> {
  const { study } = session;
  const { plan, dir, todo, base_dir } = study;
  const { stop, suspension } = context;
  const say = routineNotice(context.emit);
  closeInheritedOnExec();
  becomeSubreaper();
  using stack = new DisposableStack();
  stack.use(asPrivateAs(dir));
  stack.use(study.devices);
  stack.use(study.lock);
  stack.defer(() => study.journal.close());
  if (session.resumes && todo.length > 0) {
    checkSpace(dir, todo.length, { isNew: false, emit: context.emit });
  }
  await removeDeadFolders(Deno.env.toObject());
  const ahead = { ...study, todo: mayRun(plan, todo) };
  const self = workerProgram(ahead, stack, say);
  const python_main = pythonMain(ahead, stack);
  const containment = session.containment ?? await contain(plan.execution.containment);
  const { joined = null } = session;
  const summary = new SummaryBuilder(realDisk, dir, plan, study.fold.state);
  let comparison: StudyComparison | null = null;
  const left: { outcome: SharedOutcome | null } = { outcome: null };
  const atEnd = (): string => {
    const state = left.outcome?.study.state ?? study.fold.state;
    const results = left.outcome?.summary ?? summary;
    comparison = comparisonOf({ dir, plan, state, results });
    return studyVerdict({ dir, summary: results.summary(), comparison }).sentences.join(" ");
  };
  const report: SessionContext["emit"] = (event) => {
    if (event.type !== "study_finished" || joined === null) return context.emit(event);
    left.outcome = joined.leave(importantNotice(context.emit));
    const { status, totals } = sharedEnd({ ...event, cut: null }, left.outcome);
    context.emit({ ...event, status, totals, is_shared: true, verdict: atEnd() });
  };
  const verdict = joined === null ? atEnd : () => "";
  const emit = summarising(summary, study, { report, verdict, savesSummary: joined === null });
  const guard = startGuard(ahead, emit);
  try {
    const env = Deno.env.toObject();
    const { docker } = study;
    const inputs = new InputsWatch(study.inputs, dir);
    tellChangedPrograms(inputs, emit);
    const launching = { self, python_main, study_dir: Deno.realPathSync(dir), docker, env };
    const launch = makeLaunch(launching);
    const elsewhere = joined === null ? {} : { elsewhere: () => otherAgentsRuns(dir, joined.agent) };
    const sharing: { mode: Sharing["mode"]; is_audited: boolean } = { ...ONE_AT_A_TIME };
    await using energy = await openMetering({
      plan,
      todo: ahead.todo,
      env,
      base_dir,
      self,
      guard,
      signal: stop.signal,
      emit,
      sharing: () => sharing,
      ...elsewhere,
    });
    for (const text of await adviceOf(ahead, stop.signal)) say(`warning: ${text}`);
    if (todo.length > 0) say(energyNotice(energy.text));
    const { meter } = energy;
    joined?.register(meter?.hello ?? null);
    const environment = watchEnvironment(dir, meter, emit, joined?.isMaker ?? true);
    const environmentChanges = (): ReturnType<EnvironmentWatch["changes"]> => [
      ...environment?.changes() ?? [],
      ...inputs.programChanges(),
    ];
    await using held = new AsyncDisposableStack();
    const slotOf = slotMaker({ study, env, energy, emit, held });
    using ledger = new Ledger({ ...study, disk: realDisk, isShared: joined !== null }, (error) => {
      const text = fileNotWritten("manifest.json", error.message);
      emit({ type: "warning", code: "manifest", text });
    });
    const host = {
      owner: study.owner,
      guard,
      containment,
      launch: launchUnchanged(launch, inputs),
      serverLaunch: makeServerLaunch(launching),
      disk: realDisk,
      environmentChanges,
    };
    const gaps = session.noGaps ? { experiment_s: 0, cycle_s: 0 } : plan.gaps;
    const varied = variedReader(comparedConfigs(plan));
    const ends = joined === null ? {} : { ends: joined.ends, agent: joined.agent.agent, ...elsewhere };
    const running = { plan: { ...plan, gaps }, dir, base_dir, inputs, varied, ledger, emit, ...ends };
    const ready = sourceOf(plan, todo, summary, { varied, emit });
    const opened = openPool({
      plan,
      todo,
      dir,
      base_dir,
      env,
      told: meter?.hello ?? null,
      state: study.fold.state,
      slotOf,
      onLoss: (listener) => meter?.onLoss(listener),
      onSharing: (by) => void Object.assign(sharing, by),
      emit,
      say,
    });
    sharing.mode = opened?.pool.mode ?? "off";
    const halts = { stop, suspension };
    const ownEnd = opened === null
      ? await runStudy(running, joined?.source ?? ready, host, slotOf(ALL_BOARDS), halts)
      : await runStudyOnPool(
        running,
        joined === null ? chainSource(running, ready, opened.chainsOf) : joined.chains,
        host,
        opened.pool,
        halts,
      );
    const end = left.outcome === null ? ownEnd : sharedEnd(ownEnd, left.outcome);
    const isWhole = end.totals.pending + end.totals.interrupted === 0;
    // Others may still make what they have begun, though it has ended elsewhere, and compile into them.
    if (isWhole && (left.outcome?.others ?? []).length === 0) await removeStudyCaches(dir);
    const { baselines } = energy;
    await takeBaselineAfter({ dir, todo, completed: end.totals.completed, baselines, stop, emit });
    const share = meter?.cpuShare ?? null;
    if (share !== null) say(meterOwnUse(share));
    const results = left.outcome?.summary ?? summary;
    return { kind: "ran", end, summary: results.summary(), comparison };
  } finally {
    await guard.close();
  }
}

/** Where the runs come from: the plan and, where that has a search or `execution.until`, the results as well. */
function sourceOf(
  plan: Plan,
  todo: readonly Run[],
  summary: SummaryBuilder,
  { varied, emit }: Pick<Study, "varied" | "emit">,
): ReadySource {
  const { search, execution } = plan;
  if (execution.until !== null) return untilSource(plan, todo, resultsOf(summary));
  if (search === null) return planSource(todo);
  return searchSource(plan, todo, {
    verdictOf: (run) => summary.verdictOf(run),
    tell: ({ config, config_hash, ...bracket }) => {
      const { over } = search;
      const { [over]: _, ...others } = varied(config);
      emit({ type: "search_step", over, config_hash, varied: others, bracket });
    },
  });
}

/** The events of a study, its summary kept meanwhile and saved before its end is reported, with what it came to. */
function summarising(
  summary: SummaryBuilder,
  study: OpenStudy,
  { report, verdict, savesSummary }: {
    readonly report: SessionContext["emit"];
    readonly verdict: () => string;
    readonly savesSummary: boolean;
  },
): Emit {
  const emit = (event: RunnerEvent): void => {
    if (event.type === "runs_added") summary.grow(event.runs);
    if (event.type === "look") summary.look(event.look);
    if (event.type === "run_finished" && event.superseded !== true) summary.take(event);
    if (event.type === "study_finished" && savesSummary) {
      saveSummary(summary, (text) => emit({ type: "warning", code: "summary", text }));
    }
    report(event.type === "study_finished" ? { ...event, verdict: verdict() } : event);
    if (event.type === "search_step" && event.bracket.next === null) {
      const { over, config_hash } = event;
      const found = summary.summary().search?.found.find((each) => each.config_hash === config_hash);
      if (found !== undefined) report({ type: "search_finished", over, found });
    }
    if (event.type !== "study_started") return;
    for (const text of [...study.lock.warnings, ...study.devices.warnings]) {
      emit({ type: "warning", code: "no_lock", text });
    }
  };
  return emit;
}

function adviceOf({ plan, todo, base_dir }: OpenStudy, signal: AbortSignal): Promise<string[]> {
  const question = {
    signal,
    base_dir,
    env: Deno.env.toObject(),
    isLocal: (config: ExperimentConfig) => isLocal(config, plan),
  };
  return launchAdvice(distinctConfigs(todo), question, hasGpu());
}

/** Throws CommandError where the system does not let it. */
function startGuard({ docker, todo, base_dir }: OpenStudy, emit: Emit): Guard {
  const warn = (text: string): void => emit({ type: "warning", code: "guard", text });
  const missing = missingGuardText();
  if (missing !== null) warn(missing);
  try {
    return new Guard(
      () => warn(guardReplaced()),
      docker?.cli ?? serverCli(distinctConfigs(todo), Deno.env.toObject(), base_dir),
    );
  } catch (error) {
    throw new CommandError(EXIT.preflight, guardTrouble(error));
  }
}

/** This program as the worker of the study's runs: pinned where any of them needs it. */
function workerProgram(
  { dir, todo, workers_dir = dir }: OpenStudy,
  stack: DisposableStack,
  say: (line: string) => void,
): SelfProgram {
  if (todo.every((run) => ENGINES[run.config.backend].worker?.kind === "user_program")) return selfProgram();
  try {
    const { self, notice } = stack.use(pinProgram(workers_dir, userCacheFolder(Deno.env.toObject())));
    if (notice !== null) say(notice);
    return self;
  } catch (error) {
    throw new SaveError(SAVED.program, dir, error);
  }
}

/** The main module of the Python worker, written down for the study; null where no run needs it. */
function pythonMain({ dir, todo, workers_dir = dir }: OpenStudy, stack: DisposableStack): string | null {
  if (todo.every((run) => ENGINES[run.config.backend].worker?.kind !== "python")) return null;
  try {
    return stack.use(writePythonWorker(Deno.realPathSync(workers_dir))).main;
  } catch (error) {
    throw new SaveError(SAVED.pythonWorker, dir, error);
  }
}
