import { join, resolve } from "node:path";
import { formatDuration } from "../base/duration.ts";
import { ManifestWriter } from "../journal/manifest_writer.ts";
import { pinProgram, type SelfProgram, selfProgram } from "../host/self_program.ts";
import { becomeSubreaper } from "../process/adopted.ts";
import { type ContainmentMethod, openContainment } from "../process/containment.ts";
import { Guard } from "../process/guard.ts";
import { closeInheritedOnExec, STOP_SIGNALS, type StopSignal } from "../process/inherited.ts";
import { ndjsonRecord } from "../report/ndjson.ts";
import { runNamer } from "../report/run_name.ts";
import { summaryTable } from "../report/summary_table.ts";
import { jsonLine } from "../report/text.ts";
import type { RunnerEvent } from "../runner/event.ts";
import { pause } from "../runner/deadline.ts";
import { runStudy, type StudyEnd } from "../runner/run_study.ts";
import type { Plan } from "../plan/plan.ts";
import { distinctConfigs } from "../results/varied.ts";
import { StopSwitch } from "../runner/stop.ts";
import { Suspension } from "../runner/suspension.ts";
import { realDisk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { checkSpace } from "./check_space.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { makeLaunch } from "./launch.ts";
import { openNewStudy, type OpenStudy, refuseUnlessRunnable, type RunArguments } from "./open_study.ts";
import { printPlan } from "./plan_command.ts";
import { printIssues, printWarnings } from "./print_issues.ts";
import { Progress } from "./progress.ts";
import { readPlan } from "./read_plan.ts";
import { resumeStudy } from "./resume_study.ts";
import { listenForSignals } from "./signals.ts";
import type { Streams } from "./streams.ts";
import { SummaryKeeper } from "./summary_keeper.ts";

const FLUSH_PATIENCE_MS = 200;

/** `llem run`: a new study, or on with one. */
export async function runCommand(command: RunArguments, streams: Streams): Promise<number> {
  let study: OpenStudy | null = null;
  try {
    if (command.resume !== null) {
      study = await resumeStudy(command, command.resume, streams);
      // Where the runner died between its last run and the study's end, the end is still to be written down.
      const isOver = study.todo.length === 0 && study.fold.state.status !== "running";
      return isOver ? nothingToDo(study, command, streams) : await runOpened(study, null, command, streams);
    }
    const reading = readPlan(command);
    printWarnings(command.verbosity === "quiet" ? [] : reading.warnings, streams);
    if (reading.plan === null) {
      printIssues(reading.issues, streams, command);
      return EXIT.usage;
    }
    if (command.dryRun) return printPlan(reading.plan, reading.warnings, command, streams);
    refuseUnlessRunnable(reading.plan, reading.base_dir);
    const { output } = command;
    checkSpace(resolve(output ?? reading.results_dir), reading.plan.runs.length, command, streams);
    // Before there is a directory: what cannot run here leaves nothing behind.
    const containment = await contain(reading.plan.execution.containment);
    study = openNewStudy(command, reading, reading.plan);
    return await runOpened(study, containment, command, streams);
  } catch (error) {
    if (!(error instanceof SaveError)) throw error;
    const next = study === null
      ? ""
      : `\nllem: the runs that had ended are saved; go on with: llem run --resume ${study.dir}`;
    throw new CommandError(EXIT.notSaved, `${error.message}${next}`);
  }
}

function nothingToDo(study: OpenStudy, command: RunArguments, streams: Streams): number {
  const failed = [...study.fold.state.entries.values()].filter((entry) => entry.status === "failed").length;
  const hint = failed === 0 ? "every run is complete" : `${failed} failed; --retry-failed runs them again`;
  if (command.verbosity !== "quiet") {
    streams.err.write(`llem: nothing is left to do in ${study.dir}: ${hint}.\n`);
  }
  makeDerivedFiles(study, streams);
  study.journal.close();
  study.lock[Symbol.dispose]();
  return EXIT.ok;
}

/** Manifest and summary, which a runner that was killed at its very end may not have come to. */
function makeDerivedFiles({ dir, plan, fold: { state } }: OpenStudy, streams: Streams): void {
  const warn = (error: Error): void =>
    streams.err.write(`llem: warning: manifest or summary could not be written: ${error.message}\n`);
  new ManifestWriter(realDisk, join(dir, "manifest.json"), plan, state, warn).write();
  try {
    new SummaryKeeper(realDisk, dir, plan, state).save();
  } catch (error) {
    warn(error as Error);
  }
}

async function runOpened(
  study: OpenStudy,
  opened: ContainmentMethod | null,
  command: RunArguments,
  streams: Streams,
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
  if (command.resume !== null && todo.length > 0) checkSpace(dir, todo.length, command, streams);
  const progress = stack.use(
    new Progress(streams, { total: plan.runs.length, todo: todo.length, name, verbosity }),
  );
  const self = workerProgram(study, stack);
  const stop = new StopSwitch();
  const suspension = stack.use(new Suspension());
  const hide = (): Promise<void> => progress.hide();
  const tell = (): void => progress.tell();
  stack.use(listenForSignals({ stop, suspension, tell, hide }));
  stack.use(
    stop.listen((signal, urgency) => progress.say(stopLine(signal, urgency, plan.execution.grace_seconds))),
  );
  stop.draining.addEventListener("abort", () => progress.say("SIGUSR2: the run at hand is the last one."));
  const containment = opened ?? await contain(plan.execution.containment);
  const emit = (event: RunnerEvent): void => {
    if (event.type === "run_finished") keeper.take(event);
    if (event.type === "study_finished") saveSummary(keeper, emit);
    if (command.json) printRecord(event, streams);
    progress.take(event);
  };
  const guard = new Guard(() => {
    emit({
      type: "warning",
      code: "guard",
      text: "The guard process was killed; another one stands in its place",
    });
  });
  try {
    const launch = makeLaunch({ self, study_dir: dir, env: Deno.env.toObject() });
    const given = { guard, containment, stop, suspension, launch, emit };
    const end = await runStudy({ ...study, study_dir: dir, disk: realDisk, ...given });
    progress[Symbol.dispose]();
    // The table comes after the last line, unless nobody takes that line.
    await Promise.race([streams.err.flush(), pause(FLUSH_PATIENCE_MS)]);
    if (!command.json && verbosity !== "quiet") streams.out.write(`\n${summaryTable(keeper.summary())}`);
    return exitCodeOf(end);
  } finally {
    await guard.close();
  }
}

/** Throws CommandError where the containment that the study asks for does not work here. */
async function contain(wanted: Plan["execution"]["containment"]): Promise<ContainmentMethod> {
  try {
    return await openContainment(wanted);
  } catch (error) {
    const remedy = "Leave execution.containment out to take the best that works.";
    throw new CommandError(
      EXIT.preflight,
      `execution.containment: ${wanted} does not work here: ${(error as Error).message} ${remedy}`,
    );
  }
}

function stopLine(signal: StopSignal, urgency: "first" | "again", graceS: number): string {
  if (urgency === "again") return `${signal}: killing the run at hand.`;
  return `${signal}: the run at hand has ${
    formatDuration(graceS)
  } to end, then the study stops. A second signal kills it now.`;
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
  if (record !== null) streams.out.write(jsonLine(record));
}

function exitCodeOf(end: StudyEnd): number {
  if (end.status === "completed") return EXIT.ok;
  switch (end.cut?.kind) {
    case "signal":
      return STOP_SIGNALS[end.cut.signal];
    case "unkillable":
    case "drained":
      return EXIT[end.cut.kind];
    case undefined:
      return EXIT.runsFailed;
  }
}
