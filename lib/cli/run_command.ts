import { join, resolve } from "node:path";
import type { ProcessIdentity } from "../journal/event.ts";
import { JournalFold } from "../journal/fold.ts";
import { Journal } from "../journal/journal.ts";
import { pinProgram } from "../host/self_program.ts";
import type { Run } from "../experiment/run.ts";
import type { Plan } from "../plan/plan.ts";
import { becomeSubreaper } from "../process/adopted.ts";
import { Guard } from "../process/guard.ts";
import { closeInheritedOnExec, STOP_SIGNALS } from "../process/inherited.ts";
import { bootId, readProcStat } from "../process/proc_stat.ts";
import { ndjsonRecord } from "../report/ndjson.ts";
import { runNamer } from "../report/run_name.ts";
import { summaryTable } from "../report/summary_table.ts";
import type { RunnerEvent } from "../runner/event.ts";
import { runStudy, type StudyEnd } from "../runner/run_study.ts";
import { StopSwitch } from "../runner/stop.ts";
import { realDisk } from "../storage/disk.ts";
import { readOwner, tryLock } from "../storage/lock.ts";
import { SaveError } from "../storage/save_error.ts";
import type { Command } from "./arguments.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { makeLaunch, preflight } from "./launch.ts";
import { printPlan } from "./plan_command.ts";
import { printIssues, printWarnings } from "./print_issues.ts";
import { Progress } from "./progress.ts";
import { type PlanReading, readPlan } from "./read_plan.ts";
import { resumeStudy } from "./resume_study.ts";
import { listenForStop } from "./stop_signals.ts";
import type { Streams } from "./streams.ts";
import { createStudyFolder } from "./study_folder.ts";
import { SummaryKeeper } from "./summary_keeper.ts";

export type RunArguments = Command & { kind: "run" };

/** A study directory that is ours to run in: locked, with its journal open. */
export interface OpenStudy {
  readonly dir: string;
  readonly plan: Plan;
  readonly base_dir: string;
  readonly todo: readonly Run[];
  readonly fold: JournalFold;
  readonly journal: Journal;
  readonly runner: ProcessIdentity;
  readonly lock: Disposable;
}

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
    if (command.dryRun) return printPlan(reading.plan, reading.warnings, command, streams);
    refuseUnlessRunnable(reading.plan, reading.base_dir);
    return await runOpened(openNew(command, reading, reading.plan), command, streams);
  } catch (error) {
    if (error instanceof SaveError) throw new CommandError(EXIT.notSaved, `${error.message}`);
    throw error;
  }
}

/** Throws CommandError with everything that keeps this machine from running the plan. */
export function refuseUnlessRunnable(plan: Plan, baseDir: string): void {
  const problems = preflight(plan.runs.map((run) => run.config), baseDir);
  if (problems.length > 0) throw new CommandError(EXIT.preflight, problems.join("\nllem: "));
}

/** Who runs this study, for the lock and the journal. */
export function thisRunner(): ProcessIdentity {
  const start_ticks = readProcStat(Deno.pid)?.start_ticks ?? 0;
  return { host: Deno.hostname(), boot_id: bootId(), pid: Deno.pid, start_ticks };
}

/** Takes the study's lock or throws CommandError naming who has it. */
export function lockStudy(dir: string, runner: ProcessIdentity): Disposable {
  const path = join(dir, "lock");
  const owner = JSON.stringify({ ...runner, started_at: new Date().toISOString() });
  const attempt = tryLock(path, owner);
  switch (attempt.kind) {
    case "held":
      return attempt.lock;
    case "busy":
      throw new CommandError(EXIT.locked, `${dir} is being run by another process: ${readOwner(path)}`);
    case "refused":
      throw new CommandError(
        EXIT.notSaved,
        `Cannot lock ${path} (errno ${attempt.errno}). Use a file system that supports flock, with -o.`,
      );
  }
}

function openNew(command: RunArguments, reading: PlanReading, plan: Plan): OpenStudy {
  const dir = createStudyFolder(realDisk, resolve(command.output), reading, plan);
  const runner = thisRunner();
  const lock = lockStudy(dir, runner);
  const journal = new Journal(realDisk, join(dir, "journal.jsonl"));
  const fold = new JournalFold();
  return { dir, plan, base_dir: reading.base_dir, todo: plan.runs, fold, journal, runner, lock };
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
  const { plan, dir, todo } = study;
  closeInheritedOnExec();
  becomeSubreaper();
  const name = runNamer(plan.runs.map((run) => run.config), plan.n_cycles);
  const keeper = new SummaryKeeper(realDisk, dir, plan, study.fold.state);
  const { verbosity } = command;
  using stack = new DisposableStack();
  stack.use(study.lock);
  stack.defer(() => study.journal.close());
  const progress = stack.use(
    new Progress(streams, { total: plan.runs.length, todo: todo.length, name, verbosity }),
  );
  const pinned = stack.use(pinProgram(dir));
  const stop = new StopSwitch();
  stack.use(listenForStop(stop));
  const emit = (event: RunnerEvent): void => {
    if (event.type === "run_finished") keeper.take(event);
    if (event.type === "study_finished") saveSummary(keeper, emit);
    if (command.json) printRecord(event, streams);
    progress.take(event);
  };
  const guard = new Guard();
  try {
    const launch = makeLaunch({ self: pinned.self, study_dir: dir, env: Deno.env.toObject() });
    const end = await runStudy({ ...study, study_dir: dir, disk: realDisk, guard, stop, launch, emit });
    progress[Symbol.dispose]();
    if (!command.json && verbosity !== "quiet") streams.out.write(`\n${summaryTable(keeper.summary())}`);
    return exitCodeOf(end);
  } finally {
    await guard.close();
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
  if (record !== null) streams.out.write(`${JSON.stringify(record)}\n`);
}

function exitCodeOf(end: StudyEnd): number {
  if (end.status === "completed") return EXIT.ok;
  return end.signal === null ? EXIT.runsFailed : STOP_SIGNALS[end.signal];
}
