import { pinProgram, type SelfProgram, selfProgram } from "../host/self_program.ts";
import { becomeSubreaper } from "../process/adopted.ts";
import { Guard } from "../process/guard.ts";
import { closeInheritedOnExec, STOP_SIGNALS } from "../process/inherited.ts";
import { ndjsonRecord } from "../report/ndjson.ts";
import { runNamer } from "../report/run_name.ts";
import { summaryTable } from "../report/summary_table.ts";
import { jsonText } from "../report/text.ts";
import type { RunnerEvent } from "../runner/event.ts";
import { pause } from "../runner/deadline.ts";
import { runStudy, type StudyEnd } from "../runner/run_study.ts";
import { distinctConfigs } from "../results/varied.ts";
import { StopSwitch } from "../runner/stop.ts";
import { realDisk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { makeLaunch } from "./launch.ts";
import { openNewStudy, type OpenStudy, refuseUnlessRunnable, type RunArguments } from "./open_study.ts";
import { printPlan } from "./plan_command.ts";
import { printIssues, printWarnings } from "./print_issues.ts";
import { Progress } from "./progress.ts";
import { readPlan } from "./read_plan.ts";
import { resumeStudy } from "./resume_study.ts";
import { listenForStop } from "./stop_signals.ts";
import type { Streams } from "./streams.ts";
import { SummaryKeeper } from "./summary_keeper.ts";

const FLUSH_PATIENCE_MS = 200;
/** What a reader gets to take the rest once the user has stopped the study. */
const FLUSH_AFTER_STOP_MS = 2000;

/** `llem run`: a new study, or on with one. */
export async function runCommand(command: RunArguments, streams: Streams): Promise<number> {
  try {
    if (command.resume !== null) {
      const study = await resumeStudy(command, command.resume, streams);
      return study.todo.length === 0
        ? nothingToDo(study, command, streams)
        : await runOpened(study, command, streams);
    }
    const reading = readPlan(command);
    printWarnings(command.verbosity === "quiet" ? [] : reading.warnings, streams);
    if (reading.plan === null) {
      printIssues(reading.issues, streams, command);
      return EXIT.usage;
    }
    if (command.dryRun) return await printPlan(reading.plan, reading.warnings, command, streams);
    refuseUnlessRunnable(reading.plan, reading.base_dir);
    return await runOpened(openNewStudy(command, reading, reading.plan), command, streams);
  } catch (error) {
    if (error instanceof SaveError) throw new CommandError(EXIT.notSaved, `${error.message}`);
    throw error;
  }
}

function nothingToDo(study: OpenStudy, command: RunArguments, streams: Streams): number {
  const failed = [...study.fold.state.entries.values()].filter((entry) => entry.status === "failed").length;
  const hint = failed === 0 ? "every run is complete" : `${failed} failed; --retry-failed runs them again`;
  if (command.verbosity !== "quiet") {
    streams.err.write(`llem: nothing is left to do in ${study.dir}: ${hint}.\n`);
  }
  study.journal.close();
  study.lock[Symbol.dispose]();
  return EXIT.ok;
}

async function runOpened(study: OpenStudy, command: RunArguments, streams: Streams): Promise<number> {
  const stop = new StopSwitch();
  using _listening = listenForStop(stop);
  const exitCode = await makeRuns(study, command, streams, stop);
  return await lastWords(streams, stop, exitCode);
}

/** Runs the study, and has let go of it when it returns. */
async function makeRuns(
  study: OpenStudy,
  command: RunArguments,
  streams: Streams,
  stop: StopSwitch,
): Promise<number> {
  const { plan, dir, todo } = study;
  closeInheritedOnExec();
  becomeSubreaper();
  const name = runNamer(distinctConfigs(plan.runs), plan.n_cycles);
  const keeper = new SummaryKeeper(realDisk, dir, plan, study.fold.state);
  const { verbosity } = command;
  using stack = new DisposableStack();
  stack.use(study.lock);
  stack.defer(() => study.journal.close());
  const progress = stack.use(
    new Progress(streams, { total: plan.runs.length, todo: todo.length, name, verbosity }),
  );
  const self = workerProgram(study, stack);
  const emit = (event: RunnerEvent): void => {
    if (event.type === "run_finished") keeper.take(event);
    if (event.type === "study_finished") saveSummary(keeper, emit);
    if (command.json) printRecord(event, streams);
    progress.take(event);
  };
  streams.out.onFailure = (reason) =>
    emit({
      type: "warning",
      code: "stdout",
      text: `stdout cannot be written: ${reason}; results are in ${dir}`,
    });
  const guard = new Guard();
  try {
    const launch = makeLaunch({ self, study_dir: dir, env: Deno.env.toObject() });
    const end = await runStudy({ ...study, study_dir: dir, disk: realDisk, guard, stop, launch, emit });
    progress[Symbol.dispose]();
    // The table comes after the last line, unless nobody takes that line.
    await Promise.race([streams.err.flush(), pause(FLUSH_PATIENCE_MS)]);
    if (!command.json && verbosity !== "quiet") streams.out.write(`\n${summaryTable(keeper.summary())}`);
    return exitCodeOf(end);
  } finally {
    await guard.close();
  }
}

/**
 * Stays until the readers have everything, unless they take nothing and the user wants us to stop; a stop from before
 * leaves them a while. The results are on disk.
 */
async function lastWords(streams: Streams, stop: StopSwitch, exitCode: number): Promise<number> {
  let isWritten = false;
  const written = Promise.all([streams.out.flush(), streams.err.flush()]).then(() => {
    isWritten = true;
  });
  if (stop.requested === null) {
    const stopped = new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
    await Promise.race([written, stopped]);
  } else await Promise.race([written, pause(FLUSH_AFTER_STOP_MS)]);
  if (isWritten || stop.requested === null) return exitCode;
  streams.out.abandon();
  streams.err.abandon();
  return STOP_SIGNALS[stop.requested];
}

/** This program as the worker of the study's runs: pinned where any of them needs it. */
function workerProgram({ dir, todo }: OpenStudy, stack: DisposableStack): SelfProgram {
  if (todo.every((run) => run.config.backend === "command")) return selfProgram();
  try {
    return stack.use(pinProgram(dir)).self;
  } catch (error) {
    throw new SaveError("a link to this program in", dir, error);
  }
}

/** Results are on disk by now; a summary can always be made again with `llem show`. */
function saveSummary(keeper: SummaryKeeper, emit: (event: RunnerEvent) => void): void {
  try {
    keeper.save();
  } catch (error) {
    emit({
      type: "warning",
      code: "summary",
      text: `The summary could not be written: ${(error as Error).message}`,
    });
  }
}

function printRecord(event: RunnerEvent, streams: Streams): void {
  const record = ndjsonRecord(event);
  if (record !== null) streams.out.write(`${jsonText(record)}\n`);
}

function exitCodeOf(end: StudyEnd): number {
  if (end.status === "completed") return EXIT.ok;
  return end.signal === null ? EXIT.runsFailed : STOP_SIGNALS[end.signal];
}
