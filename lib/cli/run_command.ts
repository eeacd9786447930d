import { pinProgram, type SelfProgram, selfProgram } from "../host/self_program.ts";
import { becomeSubreaper } from "../process/adopted.ts";
import { Guard } from "../process/guard.ts";
import { closeInheritedOnExec, STOP_SIGNALS } from "../process/inherited.ts";
import { ndjsonRecord } from "../report/ndjson.ts";
import { runNamer } from "../report/run_name.ts";
import { summaryTable } from "../report/summary_table.ts";
import type { RunnerEvent } from "../runner/event.ts";
import { pause } from "../runner/deadline.ts";
import { runStudy, type StudyEnd } from "../runner/run_study.ts";
import { distinctConfigs } from "../results/varied.ts";
import { StopSwitch } from "../runner/stop.ts";
import { realDisk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import { makeLaunch } from "./launch.ts";
import {
  openNewStudy,
  type OpenStudy,
  outputFolder,
  refuseUnlessRunnable,
  type RunArguments,
} from "./open_study.ts";
import { nothingToDo } from "./nothing_to_do.ts";
import { openNewest } from "./open_newest.ts";
import { printPlan } from "./plan_command.ts";
import { printIssues, printWarnings } from "./print_issues.ts";
import { Progress } from "./progress.ts";
import { readPlan } from "./read_plan.ts";
import { resumeStudy } from "./resume_study.ts";
import { listenForStop } from "./stop_signals.ts";
import type { Streams } from "./streams.ts";
import { saveSummary, SummaryKeeper } from "./summary_keeper.ts";
import { waitWhileBusy } from "./wait_while_busy.ts";

const FLUSH_PATIENCE_MS = 200;

/** `llem run`: a new study, or on with one. */
export async function runCommand(command: RunArguments, streams: Streams): Promise<number> {
  const stop = new StopSwitch();
  using _ = listenForStop(stop);
  const quiet = command.verbosity === "quiet";
  const say = (line: string): void => quiet ? undefined : streams.err.write(`llem: ${line}\n`);
  const patiently = (open: () => Promise<OpenStudy>): Promise<OpenStudy> =>
    waitWhileBusy(open, { seconds: command.waitSeconds, stop, say });
  try {
    const { resume } = command;
    if (resume !== null && resume.dir !== null) {
      const { dir } = resume;
      const study = await patiently(() => resumeStudy(command, dir, streams));
      return await runOpened(study, command, { streams, stop, say });
    }
    const reading = readPlan(command);
    printWarnings(quiet ? [] : reading.warnings, streams);
    const { plan } = reading;
    if (plan === null) {
      printIssues(reading.issues, streams, command);
      return EXIT.usage;
    }
    if (command.dryRun) return printPlan(plan, reading.warnings, command, streams);
    const openNew = (): OpenStudy => {
      refuseUnlessRunnable(plan, reading.base_dir);
      return openNewStudy(command, reading, plan);
    };
    const open = resume === null
      ? () => Promise.resolve().then(openNew)
      : () => openNewest(command, { plan, folder: outputFolder(command, reading), openNew, streams, say });
    return await runOpened(await patiently(open), command, { streams, stop, say });
  } catch (error) {
    if (error instanceof SaveError) throw new CommandError(EXIT.notSaved, `${error.message}`);
    throw error;
  }
}

/** What a study in motion has around it. */
interface Surroundings {
  readonly streams: Streams;
  readonly stop: StopSwitch;
  /** Says something to people, but for quiet ones. */
  readonly say: (line: string) => void;
}

async function runOpened(
  study: OpenStudy,
  command: RunArguments,
  { streams, stop, say }: Surroundings,
): Promise<number> {
  const { plan, dir, todo } = study;
  const isOver = study.fold.state.started_at !== null && study.fold.state.status !== "running";
  if (todo.length === 0 && isOver) return nothingToDo(study, say);
  if (study.reasons !== "") say(`${todo.length} to make: ${study.reasons}`);
  closeInheritedOnExec();
  becomeSubreaper();
  const name = runNamer(distinctConfigs(plan.runs), plan.n_cycles);
  const keeper = new SummaryKeeper(realDisk, dir, plan, study.fold.state);
  const { verbosity } = command;
  using stack = new DisposableStack();
  stack.use(study.devices);
  stack.use(study.lock);
  stack.defer(() => study.journal.close());
  const progress = stack.use(
    new Progress(streams, { total: plan.runs.length, todo: todo.length, name, verbosity }),
  );
  const self = workerProgram(study, stack);
  const emit = (event: RunnerEvent): void => {
    if (event.type === "run_finished") keeper.take(event);
    if (event.type === "study_finished") {
      saveSummary(keeper, (text) => emit({ type: "warning", code: "summary", text }));
    }
    if (command.json) printRecord(event, streams);
    progress.take(event);
    if (event.type !== "study_started") return;
    for (const text of [...study.lock.warnings, ...study.devices.warnings]) {
      emit({ type: "warning", code: "no_lock", text });
    }
  };
  const guard = new Guard();
  try {
    const launch = makeLaunch({ self, study_dir: Deno.realPathSync(dir), env: Deno.env.toObject() });
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

/** This program as the worker of the study's runs: pinned where any of them needs it. */
function workerProgram({ dir, todo }: OpenStudy, stack: DisposableStack): SelfProgram {
  if (todo.every((run) => run.config.backend === "command")) return selfProgram();
  try {
    return stack.use(pinProgram(dir)).self;
  } catch (error) {
    throw new SaveError("a link to this program in", dir, error);
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
