import { join, resolve } from "node:path";
import { CommandError, EXIT } from "../base/refusal.ts";
import { isShared } from "../cluster/agents.ts";
import { type Run, runKey } from "../experiment/run.ts";
import { StudyInputs } from "../inputs/study_inputs.ts";
import { withAdded } from "../journal/added_runs.ts";
import type { AttemptFolder, RunFinished } from "../journal/event.ts";
import { begunOf, type Entry, JournalFold } from "../journal/fold.ts";
import { cutTornTail, Journal } from "../journal/journal.ts";
import { lostEvent } from "../journal/lost_event.ts";
import { standingOf } from "../journal/standing.ts";
import { mayRun } from "../plan/until.ts";
import { ownRuns } from "../plan/shard.ts";
import { resumeAction, type ResumedRun, resumeReasons, runsToResume } from "../plan/resume.ts";
import { type Growth, growthOf } from "../archive/growth.ts";
import { missingResults } from "../archive/missing_results.ts";
import { utcNow } from "../base/clock.ts";
import { realDisk } from "../storage/disk.ts";
import { asPrivateAs } from "../storage/private_files.ts";
import { SaveError } from "../storage/save_error.ts";
import { checkUmask } from "./check_umask.ts";
import { endLostServers } from "./end_lost_servers.ts";
import { endLostAttempt } from "./end_lost_attempt.ts";
import { refuseMissingMeters } from "./open_metering.ts";
import { findInputs, refuseChangedPrompts, refuseVanishedInputs, storedInputs } from "./find_inputs.ts";
import type { Boards } from "../host/boards.ts";
import { boardsLeftOut, boardsToLock, dependsOnBoards } from "./boards/check_boards.ts";
import { warnOfBoard } from "./boards/messages.ts";
import { lockDevices, lockStudy } from "../archive/locks.ts";
import { journalRepaired, rerunning, resumeOfShared, SAVED, savedBeforeDeath } from "./messages.ts";
import { refuseChangedStudy } from "./changed_study.ts";
import { lockTaker, type OpenStudy, prepareRuns } from "./open_study.ts";
import { limitedTo, takeLimits } from "./until/cycle_limits.ts";
import { judgeAnew, judgedBy, takeSlo } from "./judge_anew.ts";
import type { RunRequest } from "./run_request.ts";
import type { SessionContext } from "./session_context.ts";
import { downloadNotice, importantNotice, routineNotice } from "./session_event.ts";
import { isRetried } from "../runner/next_step.ts";
import { refuseOtherRuns, restoreRuns } from "../archive/runs_folder.ts";
import { savedEnd } from "../archive/saved_end.ts";
import { unrecordedAttempts } from "../archive/unrecorded_attempts.ts";
import {
  hideStoredSecrets,
  openStudyFolder,
  removeLeftovers,
  type StudyFolder,
} from "../archive/study_folder.ts";

/** Opens a study directory to go on with it. Throws BusyError, or CommandError where that is not possible. */
export async function resumeStudy(
  request: RunRequest,
  path: string,
  context: SessionContext,
): Promise<OpenStudy> {
  const { emit } = context;
  const dir = resolve(path);
  using _private = asPrivateAs(dir);
  checkUmask();
  // Before the lock: a folder that is no study must not be touched.
  const taker = lockTaker(request, openStudyFolder(dir).base_dir);
  refuseOtherRuns(dir);
  if (isShared(dir)) throw new CommandError(EXIT.usage, resumeOfShared(dir));
  using opened = new DisposableStack();
  const lock = opened.use(lockStudy(dir, taker));
  const stored = openStudyFolder(dir);
  hideStoredSecrets(stored);
  const machine = await boardsToLock(stored.plan, Deno.env.toObject(), context.stop.signal);
  const devices = opened.use(lockDevices(stored.plan, taker, machine));
  devices.describe(dir);
  const changed = refuseChangedStudy(request, stored, emit);
  const folder = limitedTo(judgedBy(stored, changed.slo), changed.limits);
  const { plan, base_dir } = folder;
  const fold = new JournalFold();
  for (const event of folder.events) fold.apply(event);
  const say = importantNotice(emit);
  const missing = missingResults(dir, fold.state, "read");
  for (const event of missing) {
    say(rerunning(event.index, event.error_message ?? ""));
    fold.apply({ ...event, at: utcNow() });
  }
  const known = runsLeft(request, folder, fold).map(({ run }) => run);
  const left = mayRun(plan, known.length > 0 ? known : growthOf(dir, plan, fold.state).runs);
  await refuseGoneDevices(folder, left, context);
  const { inputs, docker } = await prepareRest(folder, left, context, machine);
  repair(folder, say);
  takeSlo(stored, plan.slo, say);
  takeLimits(stored, plan, say);
  restoreRuns(realDisk, dir);
  const journal = opened.adopt(
    new Journal(realDisk, join(dir, "journal.jsonl")),
    (journal) => journal.close(),
  );
  for (const event of missing) journal.append(event);
  const { owner } = taker;
  for (const event of await endLostServers(fold.state, { dir, owner, say })) {
    fold.apply(journal.append(event));
  }
  const ending = { dir, owner, docker: docker?.cli ?? null, say };
  for (const { entry, begun } of unended(runsLeft(request, folder, fold), fold, request)) {
    await endLostAttempt({ ...entry, run_id: begun.run_id }, ending);
    const saved = takeSaved(begun, { plan, dir, tries: entry.tries, voids: entry.voids, say });
    fold.apply(journal.append(saved ?? lostEvent(begun)));
  }
  for (const starting of fold.state.auditing) {
    await endLostAttempt({ run_id: starting.run_id, starting, started: null }, ending);
  }
  const unmade = runsLeft(request, folder, fold).map(({ run }) => run);
  for (const attempt of unrecordedAttempts(dir, unmade, fold.state)) {
    await endLostAttempt({ run_id: attempt.run_id, starting: null, started: null }, ending);
    const tries = fold.triesWithNext(attempt);
    const saved = takeSaved(attempt, { plan, dir, tries, voids: fold.voidsSoFar(attempt), say });
    if (saved !== null) fold.apply(journal.append(saved));
  }
  judgeAnew(dir, fold.state, plan.slo, say);
  const rest = runsLeft(request, folder, fold);
  const growth: Growth = rest.length > 0 ? { runs: [], events: [] } : growthOf(dir, plan, fold.state);
  for (const event of growth.events) fold.apply(journal.append(event));
  opened.move();
  const resumed = [...rest, ...growth.runs.map((run): ResumedRun => ({ run, standing: "pending" }))];
  const todo = resumed.map(({ run }) => run);
  return {
    dir,
    plan: { ...plan, runs: withAdded(plan.runs, fold.state.added) },
    base_dir,
    inputs,
    docker,
    todo,
    reasons: resumeReasons(resumed),
    fold,
    journal,
    owner,
    lock,
    devices,
  };
}

/** The devices that the study names must be here still. Throws CommandError. */
export async function refuseGoneDevices(
  { plan }: StudyFolder,
  left: readonly Run[],
  { stop, emit }: SessionContext,
): Promise<void> {
  const env = Deno.env.toObject();
  if (left.length === 0 || !dependsOnBoards(plan, env)) return;
  const machine = await refuseMissingMeters({ ...plan, runs: left }, env, stop.signal);
  for (const text of boardsLeftOut(plan, machine, env)) importantNotice(emit)(warnOfBoard(text));
}

/** Makes sure that what is left can be run here, on what the study began with. Throws CommandError. */
export async function prepareRest(
  { dir, plan, base_dir }: StudyFolder,
  left: readonly Run[],
  { stop, emit }: SessionContext,
  machine: Boards,
): Promise<Pick<OpenStudy, "inputs" | "docker">> {
  const stored = storedInputs(dir);
  if (left.length === 0) return { inputs: stored ?? new StudyInputs(), docker: null };
  if (stored !== null) refuseChangedPrompts(dir, stored);
  const say = routineNotice(emit);
  const images = stored === null ? {} : { images: stored.images };
  const rest = { ...plan, runs: left };
  const { docker, problems } = await prepareRuns(rest, {
    base_dir,
    results: dir,
    signal: stop.signal,
    say,
    machine,
    ...images,
  });
  if (stored !== null) {
    refuseVanishedInputs(left, stored, { stop }, problems);
    return { inputs: stored, docker };
  }
  const inputs = await findInputs(
    plan.runs,
    { base_dir, stop, say, progress: downloadNotice(emit), docker },
    problems,
  );
  try {
    inputs.save(realDisk, dir);
  } catch (error) {
    throw new SaveError(SAVED.inputs, dir, error);
  }
  return { inputs: inputs.saved(), docker };
}

function runsLeft(request: RunRequest, { plan }: StudyFolder, fold: JournalFold): ResumedRun[] {
  const { entries } = fold.state;
  return runsToResume(ownRuns(plan), (run) => standingOf(entries.get(runKey(run))), request);
}

/** An attempt that the last runner left without an end. */
interface Unended {
  readonly entry: Entry;
  readonly begun: AttemptFolder;
}

function unended(resumed: readonly ResumedRun[], fold: JournalFold, request: RunRequest): Unended[] {
  return resumed.filter(({ standing }) => resumeAction(standing, request) === "end_and_run").flatMap(
    ({ run }) => {
      const entry = fold.state.entries.get(runKey(run));
      const begun = entry === undefined ? null : begunOf(entry);
      return entry === undefined || begun === null ? [] : [{ entry, begun }];
    },
  );
}

/** The end of an attempt whose result is there although the journal does not say so; null where there is none. */
function takeSaved(
  attempt: AttemptFolder,
  { plan, dir, tries, voids, say }: Pick<StudyFolder, "plan" | "dir"> & {
    readonly tries: number;
    readonly voids: number;
    readonly say: (line: string) => void;
  },
): RunFinished | null {
  const rules = plan.execution;
  const saved = savedEnd(realDisk, dir, attempt, (outcome) => isRetried({ rules, tries, voids }, outcome));
  if (saved !== null) {
    say(savedBeforeDeath(attempt.index));
  }
  return saved;
}

/** A line that a crash tore is not an event; it goes before anything is written after it. */
function repair({ dir, journal }: StudyFolder, say: (line: string) => void): void {
  removeLeftovers(dir);
  if (journal.torn_bytes === 0) return;
  say(journalRepaired(journal.torn_bytes));
  cutTornTail(join(dir, "journal.jsonl"), journal);
}
