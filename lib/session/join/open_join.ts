/**
 * lib/session/join owns this process as an agent: one of several that make a study in a directory which they share. What they
 * share is lib/cluster's; how a run is made is the runner's, as ever.
 */
import { boardsToLock } from "../boards/check_boards.ts";
import { join, resolve } from "node:path";
import { exists } from "../../base/files.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { monotonicMs } from "../../base/clock.ts";
import { BusyError } from "../../archive/busy.ts";
import { lockDevices, lockStudy, type LockTaker } from "../../archive/locks.ts";
import { agentsOf } from "../../archive/shared/agents_of.ts";
import { readEnds } from "../../archive/shared/read_ends.ts";
import { missingResults } from "../../archive/missing_results.ts";
import { stateOf } from "../../archive/open_study.ts";
import { hideStoredSecrets, openStudyFolder, readStoredPlan } from "../../archive/study_folder.ts";
import { isShared } from "../../cluster/agents.ts";
import { Ends } from "../../cluster/ends.ts";
import { SHARED } from "../../cluster/shared_files.ts";
import { type Run, runKey } from "../../experiment/run.ts";
import { JournalFold, type StudyState } from "../../journal/fold.ts";
import { Journal } from "../../journal/journal.ts";
import { isRunEnd } from "../../journal/standing.ts";
import type { StudyInputs } from "../../inputs/study_inputs.ts";
import {
  clusterDifferences,
  executionDifferences,
  isNamedAlike,
  planDifferences,
} from "../../plan/plan_differences.ts";
import type { Plan } from "../../plan/plan.ts";
import { realDisk } from "../../storage/disk.ts";
import { asPrivateAs, onlyForOwner } from "../../storage/private_files.ts";
import { refuseChangedStudy } from "../changed_study.ts";
import { checkUmask } from "../check_umask.ts";
import { findInputs } from "../find_inputs.ts";
import { nameDiffers, settingsKept } from "../messages.ts";
import type { CheckedReading, OpenSession } from "../open_session.ts";
import { lockTaker, type OpenStudy, prepareRuns } from "../open_study.ts";
import { prepareRest, refuseGoneDevices } from "../resume_study.ts";
import type { RunRequest } from "../run_request.ts";
import type { SessionContext } from "../session_context.ts";
import { downloadNotice, importantNotice, routineNotice } from "../session_event.ts";
import { endLostAgents } from "./end_lost_agents.ts";
import { engineVersions } from "./engine_versions.ts";
import { chainSource } from "./chain_source.ts";
import { ClaimFeed } from "./claim_feed.ts";
import { leavesByTime, leavesForBoards, leavesOthers, waitsForOthers } from "./messages.ts";
import * as messages from "./messages.ts";
import { makeShared } from "./make_shared.ts";
import { registerHardware } from "./register_hardware.ts";
import { fitsIn } from "./run_time.ts";
import { enterShared, type SharedDir } from "./shared_dir.ts";
import { sharedChains } from "./shared_chains.ts";
import { sharedOutcome } from "./shared_outcome.ts";
import { watchStopMark } from "./watch_stop_mark.ts";

/** How an agent is asked to join. */
export interface JoinRequest extends RunRequest {
  /** Milliseconds until this agent has to be gone; null, or left out, for as long as it likes. */
  readonly timeLeftMs?: () => number | null;
  /** Seconds that a run of this configuration is expected to take at most; null, or left out, where nothing is known. */
  readonly expected_s?: (config_hash: string) => number | null;
}

/**
 * Joins the study in a directory, or makes it there. `reading`: the study that was given, null where the directory alone names
 * it. Throws CommandError where it cannot be joined, BusyError where one llem has it alone, and SaveError.
 */
export async function openJoin(
  request: JoinRequest,
  path: string,
  reading: CheckedReading | null,
  context: SessionContext,
): Promise<OpenSession> {
  const dir = resolve(path);
  if (reading !== null) refuseGrowing(reading.plan);
  using _private = reading?.private_files === true ? onlyForOwner() : asPrivateAs(dir);
  if (reading?.private_files !== true) checkUmask();
  const known = exists(join(dir, "plan.json")) ? readStoredPlan(dir) : null;
  if (known === null && reading === null && !isShared(dir)) {
    throw new CommandError(EXIT.usage, messages.nothingToJoin(dir));
  }
  const taker = lockTaker(request, known?.base_dir ?? reading?.base_dir ?? dir);
  const lease = (known?.plan ?? reading?.plan)?.cluster.lease_seconds ?? 60;
  if (request.resume !== null) refuseBesideAgents(dir, taker);
  using opened = new DisposableStack();
  const shared = opened.use(enterShared(dir, taker, lease));
  const isMaker = known === null &&
    await makeShared(shared, reading, () => inputsOf(reading, dir, context), context);
  const stored = openStudyFolder(dir);
  refuseGrowing(stored.plan);
  if (reading !== null) {
    refuseOther(dir, stored.plan, reading.plan);
    tellKept(stored.plan, reading.plan, context);
  }
  refuseChangedStudy({ file: null, overrides: [] }, stored, context.emit);
  hideStoredSecrets(stored);
  const plan = withDevices(stored.plan, request);
  const machine = await boardsToLock(plan, Deno.env.toObject(), context.stop.signal);
  const devices = opened.use(await notBusy(() => lockDevices(plan, taker, machine), messages.deviceTaken));
  devices.describe(dir);
  const state = stateOf(stored);
  const { todo, again } = runsToMake(dir, plan, state, request, shared);
  await refuseGoneDevices({ ...stored, plan }, todo, context);
  const { inputs, docker } = await prepareRest({ ...stored, plan }, todo, context, machine);
  const { owner } = taker;
  const ending = { dir, owner, docker: docker?.cli ?? null, say: importantNotice(context.emit) };
  await notBusy(() => endLostAgents(stored.others, ending), (problem) => problem);
  const journal = new Journal(realDisk, join(dir, SHARED.journals, `${shared.agent.agent}.jsonl`));
  const say = routineNotice(context.emit);
  say(messages.joined(shared.agent.agent, shared.probed, { left: todo.length, total: plan.runs.length }));
  const fold = new JournalFold(state);
  const feed = new ClaimFeed({
    files: shared.files,
    agent: shared.agent.agent,
    liveness: shared.liveness,
    chains: sharedChains(shared.files, plan, { env: Deno.env.toObject(), base_dir: stored.base_dir }),
    leaseMs: shared.leaseMs,
    nowMs: monotonicMs,
    again,
    over: without(plan.runs, todo),
    fits: fitsIn(plan, fold, request.timeLeftMs ?? (() => null), request.expected_s),
  });
  const versions = engineVersions(plan, { env: Deno.env.toObject(), base_dir: stored.base_dir });
  const onWait = (): void => say(waitsForOthers(lease));
  const source = chainSource(feed, todo, { stop: context.stop, onWait });
  opened.use(watchStopMark(dir, shared, context));
  const leaving = opened.move();
  const study: OpenStudy = {
    dir,
    plan,
    base_dir: stored.base_dir,
    inputs,
    docker,
    todo,
    reasons: "",
    fold,
    journal,
    owner,
    // What the agent has, it has until the study's lock is let go of.
    lock: { warnings: shared.warnings, [Symbol.dispose]: () => leaving.dispose() },
    devices,
    workers_dir: shared.own,
  };
  return {
    study,
    containment: null,
    resumes: true,
    noGaps: request.noGaps === true,
    joined: {
      agent: shared.agent,
      isMaker,
      chains: { feed, rest: source.rest },
      ends: feed.ends,
      source,
      register: (hello) => registerHardware(shared, hello, { mixed: plan.cluster.mixed, versions }),
      leave: (tell) => {
        const { end } = feed;
        if (end?.kind === "no_time") tell(leavesByTime());
        if (end?.kind === "no_room") tell(leavesForBoards());
        const held = end?.kind === "others" ? end.held : [];
        const known = sharedOutcome(shared, tell);
        // Their heartbeat was watched by this agent's own clock: what the times of files say counts less.
        const others = [...new Set([...known.others, ...held.flatMap(({ agent }) => agent ?? [])])];
        const outcome = { ...known, others, isOutOfTime: end?.kind === "no_time" };
        if (held.length > 0 && !outcome.isOver) {
          tell(leavesOthers(dir, held.map(({ of, agent }) => ({ chain: of, agent: agent ?? "?" }))));
        }
        shared[Symbol.dispose]();
        return outcome;
      },
    },
  };
}

function inputsOf(
  reading: CheckedReading | null,
  dir: string,
  context: SessionContext,
): Promise<StudyInputs> {
  if (reading === null) return Promise.reject(new CommandError(EXIT.usage, messages.nothingToJoin(dir)));
  return inputsOfStudy(reading, dir, context);
}

async function inputsOfStudy(
  { plan, base_dir }: CheckedReading,
  dir: string,
  { stop, emit }: SessionContext,
): Promise<StudyInputs> {
  const say = routineNotice(emit);
  const machine = await boardsToLock(plan, Deno.env.toObject(), stop.signal);
  const preparation = { base_dir, results: dir, signal: stop.signal, say, machine };
  const { docker, problems } = await prepareRuns(plan, preparation);
  const search = { base_dir, stop, say, progress: downloadNotice(emit), docker };
  return await findInputs(plan.runs, search, problems);
}

/** Throws CommandError for a study whose runs follow from its results: no agent has all of them. */
function refuseGrowing({ execution, search }: Plan): void {
  if (execution.until !== null) throw new CommandError(EXIT.usage, messages.joinOfMore("execution.until"));
  if (search !== null) throw new CommandError(EXIT.usage, messages.joinOfMore("search"));
}

function refuseOther(dir: string, before: Plan, now: Plan): void {
  const name = isNamedAlike(before, now) ? [] : [nameDiffers(before.name, now.name)];
  const differences = [...name, ...planDifferences(before, now)];
  if (differences.length > 0) throw new CommandError(EXIT.usage, messages.plansOther(dir, differences));
}

/** What of the study given does not hold here: how runs are made was settled when the study was. */
function tellKept(before: Plan, now: Plan, { emit }: SessionContext): void {
  const kept = [...executionDifferences(before, now), ...clusterDifferences(before, now)];
  if (kept.length > 0) routineNotice(emit)(settingsKept(kept));
}

/**
 * A resume is of a study that nobody works on, by its lock where locks reach other machines, and by what its agents show. It
 * joins as an agent then: should one be at work all the same, each run still has one end. Throws BusyError.
 */
function refuseBesideAgents(dir: string, taker: LockTaker): void {
  const alive = agentsOf(dir).filter(({ alive }) => alive).map(({ agent }) => agent.agent);
  if (alive.length > 0) throw new BusyError(messages.agentsAtWork(dir, alive));
  lockStudy(dir, taker)[Symbol.dispose]();
}

/** An agent is never the one that is in the way: others can take what it cannot. */
async function notBusy<T>(act: () => T | Promise<T>, tell: (problem: string) => string): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof BusyError) {
      throw new CommandError(EXIT.preflight, tell(error.message));
    }
    throw error;
  }
}

/** Several agents on one machine have devices of their own. */
function withDevices(plan: Plan, { overrides }: Pick<RunRequest, "overrides">): Plan {
  const given = overrides.findLast(({ path }) => path === "execution.devices");
  const value = given !== undefined && "value" in given ? given.value : null;
  if (!Array.isArray(value)) return plan;
  return { ...plan, execution: { ...plan.execution, devices: value.map(String) } };
}

/** The keys of the runs that are not among those. */
function without(runs: readonly Run[], todo: readonly Run[]): ReadonlySet<string> {
  const wanted = new Set(todo.map(runKey));
  return new Set(runs.map(runKey).filter((key) => !wanted.has(key)));
}

/** The runs without an end that counts, and after which round those that have one are made again. */
function runsToMake(
  dir: string,
  plan: Plan,
  state: StudyState,
  { resume, retryFailed }: Pick<RunRequest, "resume" | "retryFailed">,
  shared: SharedDir,
): { readonly todo: readonly Run[]; readonly again: ReadonlyMap<string, number> } {
  const ends = new Ends(shared.files, shared.agent.agent);
  const gone = new Set(resume === null ? [] : missingResults(dir, state, "read").map(({ run_id }) => run_id));
  const ended = new Set(readEnds(dir).runs.map(runKey));
  const again = new Map<string, number>();
  const todo = plan.runs.filter((run) => {
    const key = runKey(run);
    const finished = state.entries.get(key)?.finished ?? null;
    if (finished === null || !isRunEnd(finished)) {
      // An end that was cut off, and of which no journal knows, is nobody's: the next round goes over it.
      const end = ended.has(key) ? ends.last(run) : null;
      if (end !== null && end.finished === null) again.set(key, end.round);
      return true;
    }
    const isWanted = finished.kind === "completed" ? gone.has(finished.run_id) : retryFailed;
    if (!isWanted) return false;
    const last = ends.last(run);
    // Another agent has made it again since the journals were read.
    if (last?.finished?.["kind"] === "completed" && last.finished["run_id"] !== finished.run_id) return false;
    again.set(key, last?.round ?? 0);
    return true;
  });
  return { todo, again };
}
