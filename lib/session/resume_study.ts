import { join, resolve } from "node:path";
import { sha256Hex } from "../base/canonical_json.ts";
import { type Run, runKey } from "../experiment/run.ts";
import { StudyInputs } from "../inputs/study_inputs.ts";
import type { RunStarted } from "../journal/event.ts";
import { JournalFold } from "../journal/fold.ts";
import { cutTornTail, Journal } from "../journal/journal.ts";
import { lostEvent } from "../journal/lost_event.ts";
import { standingOf } from "../journal/standing.ts";
import { executionDifferences, planDifferences } from "../plan/plan_differences.ts";
import { resumeAction, type ResumedRun, resumeReasons, runsToResume } from "../plan/resume.ts";
import { plural } from "../base/text.ts";
import type { StopSwitch } from "../process/stop.ts";
import { realDisk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { endLostAttempt } from "./end_lost_attempt.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { findInputs, refuseChangedPrompts, refuseVanishedInputs, storedInputs } from "./find_inputs.ts";
import { lockDevices, lockStudy } from "../archive/locks.ts";
import { lockTaker, type OpenStudy, prepareRuns, type RunArguments } from "./open_study.ts";
import { printIssues } from "../cli/terminal/print_issues.ts";
import { readPlan } from "./read_plan.ts";
import type { Streams } from "../cli/terminal/streams.ts";
import { savedEnd } from "../archive/saved_end.ts";
import { openStudyFolder, removeLeftovers, type StudyFolder } from "../archive/study_folder.ts";

/** Opens a study directory to go on with it. Throws BusyError, or CommandError where that is not possible. */
export async function resumeStudy(
  command: RunArguments,
  given: string,
  { streams, stop }: { readonly streams: Streams; readonly stop: StopSwitch },
): Promise<OpenStudy> {
  const dir = resolve(given);
  // Before the lock: a folder that is no study must not be touched.
  const taker = lockTaker(command, openStudyFolder(dir).base_dir);
  using held = new DisposableStack();
  const lock = held.use(lockStudy(dir, taker));
  const folder = openStudyFolder(dir);
  const { plan, base_dir } = folder;
  const devices = held.use(lockDevices(plan, taker));
  devices.describe(dir);
  refuseChangedStudy(command, folder, streams);
  const fold = new JournalFold();
  for (const event of folder.journal.events) fold.apply(event);
  const left = whatToMake(command, folder, fold).map(({ run }) => run);
  const say = (line: string): void => streams.err.write(`llem: ${line}\n`);
  const { inputs, docker } = await prepareRest(folder, left, { streams, stop, command });
  repair(folder, say);
  const journal = held.adopt(
    new Journal(realDisk, join(dir, "journal.jsonl")),
    (opened) => opened.close(),
  );
  const { runner } = taker;
  for (const started of unended(whatToMake(command, folder, fold), fold, command)) {
    await endLostAttempt(started, { dir, runner, docker: docker?.cli ?? null, say });
    const saved = savedEnd(realDisk, dir, started, plan.execution.retries);
    if (saved !== null) {
      say(`run ${started.index} had ended, and its result was saved, when the runner died.`);
    }
    fold.apply(journal.append(saved ?? lostEvent(started)));
  }
  held.move();
  const resumed = whatToMake(command, folder, fold);
  const todo = resumed.map(({ run }) => run);
  return {
    dir,
    plan,
    base_dir,
    inputs,
    docker,
    todo,
    reasons: resumeReasons(resumed),
    fold,
    journal,
    runner,
    lock,
    devices,
  };
}

/** Makes sure that what is left can be run here, on what the study began with. Throws CommandError. */
async function prepareRest(
  { dir, plan, base_dir }: StudyFolder,
  left: readonly Run[],
  { streams, stop, command }: {
    readonly streams: Streams;
    readonly stop: StopSwitch;
    readonly command: RunArguments;
  },
): Promise<Pick<OpenStudy, "inputs" | "docker">> {
  const stored = storedInputs(dir);
  if (left.length === 0) return { inputs: stored ?? new StudyInputs(), docker: null };
  if (stored !== null) refuseChangedPrompts(dir, stored);
  const quiet = command.verbosity === "quiet";
  const say = (line: string): void => quiet ? undefined : streams.err.write(`llem: ${line}\n`);
  const place = { base_dir, signal: stop.signal, say, ...(stored === null ? {} : { images: stored.images }) };
  const { docker, problems } = await prepareRuns({ ...plan, runs: left }, place);
  if (stored !== null) {
    refuseVanishedInputs(left, stored, { stop }, problems);
    return { inputs: stored, docker };
  }
  const inputs = await findInputs(plan.runs, { base_dir, stop, say, docker }, problems);
  try {
    inputs.save(realDisk, dir);
  } catch (error) {
    throw new SaveError("the inputs in", dir, error);
  }
  return { inputs: inputs.saved(), docker };
}

function whatToMake(command: RunArguments, { plan }: StudyFolder, fold: JournalFold): ResumedRun[] {
  const { entries } = fold.state;
  return runsToResume(plan.runs, (run) => standingOf(entries.get(runKey(run))), command);
}

/** Attempts that the last runner left without an end. */
function unended(resumed: readonly ResumedRun[], fold: JournalFold, command: RunArguments): RunStarted[] {
  return resumed.filter(({ standing }) => resumeAction(standing, command) === "end_and_run")
    .map(({ run }) => fold.state.entries.get(runKey(run))?.started).filter((started) =>
      started !== null && started !== undefined
    );
}

/** A resume makes exactly the runs of the plan; what has changed since is named, not guessed at. */
function refuseChangedStudy(command: RunArguments, folder: StudyFolder, streams: Streams): void {
  const { dir, plan, study_sha256 } = folder;
  if (sha256Hex(Deno.readFileSync(join(dir, "study.yaml"))) !== study_sha256) {
    throw new CommandError(
      EXIT.usage,
      `${
        join(dir, "study.yaml")
      } was changed after the study began. Undo that, or start a new study with it.`,
    );
  }
  if (command.file === null) return;
  const reading = readPlan(command);
  if (reading.plan === null) {
    printIssues(reading.issues, streams, command);
    throw new CommandError(EXIT.usage, `${command.file} does not check; ${dir} was not touched.`);
  }
  const differences = planDifferences(plan, reading.plan);
  if (differences.length > 0) {
    const list = differences.map((difference) => `\n  ${difference}`).join("");
    throw new CommandError(
      EXIT.usage,
      `${command.file} is not the study of ${dir} any more:${list}\nStart a new study, or resume without the file.`,
    );
  }
  const settings = executionDifferences(plan, reading.plan);
  if (settings.length > 0 && command.verbosity !== "quiet") {
    streams.err.write(`llem: the study goes on as it began: ${settings.join("; ")}.\n`);
  }
}

/** A line that a crash tore is not an event; it goes before anything is written after it. */
function repair({ dir, journal }: StudyFolder, say: (line: string) => void): void {
  removeLeftovers(dir);
  if (journal.torn_bytes === 0) return;
  say(`the end of the journal was torn by a crash; ${plural(journal.torn_bytes, "byte")} cut.`);
  cutTornTail(join(dir, "journal.jsonl"), journal);
}
