/**
 * lib/session owns a study from its file to its end: it opens, resumes, checks and runs one.
 */
import { formatDuration } from "../base/duration.ts";
import { ENGINES } from "../engines/engines.ts";
import { readGpuMemory } from "../host/gpu_memory.ts";
import { pinProgram, type SelfProgram, selfProgram } from "../host/self_program.ts";
import { becomeSubreaper } from "../process/adopted.ts";
import type { ContainmentMethod } from "../process/containment.ts";
import { Guard } from "../process/guard.ts";
import { closeInheritedOnExec, STOP_SIGNALS, type StopSignal } from "../process/inherited.ts";
import { writePythonWorker } from "../python/worker_files.ts";
import { ndjsonRecord } from "../report/ndjson.ts";
import { runNamer } from "../report/run_name.ts";
import { summaryTable } from "../report/summary_table.ts";
import { jsonText } from "../base/text.ts";
import { distinctConfigs } from "../results/varied.ts";
import { pause } from "../base/deadline.ts";
import { MemoryGate } from "../metering/memory_gate.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import { runStudy, type StudyEnd } from "../runner/run_study.ts";
import type { StopSwitch } from "../process/stop.ts";
import { Suspension } from "../process/suspension.ts";
import { realDisk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { takeBaselineAfter } from "./baselines_file.ts";
import { checkSpace } from "./check_space.ts";
import { contain } from "./contain.ts";
import { type EnvironmentWatch, watchEnvironment } from "./environment_watch.ts";
import { EXIT } from "../base/refusal.ts";
import { openMetering } from "./open_metering.ts";
import { makeLaunch } from "../launch/launch.ts";
import { nothingToDo } from "./nothing_to_do.ts";
import type { OpenStudy, RunArguments } from "./open_study.ts";
import { Progress } from "../cli/terminal/progress.ts";
import { listenForPauses } from "../cli/terminal/signals.ts";
import type { Streams } from "../cli/terminal/streams.ts";
import { saveSummary, SummaryKeeper } from "../archive/summary_keeper.ts";

const FLUSH_PATIENCE_MS = 200;

/** What a study in motion has around it. */
export interface Surroundings {
  readonly command: RunArguments;
  readonly streams: Streams;
  readonly stop: StopSwitch;
  /** Says something to people, but for quiet ones. */
  readonly say: (line: string) => void;
}

/** Runs a study that is ours. `opened` is its containment where that is open already. */
export async function runOpened(
  study: OpenStudy,
  opened: ContainmentMethod | null,
  surroundings: Surroundings,
): Promise<number> {
  const { say } = surroundings;
  const { status, started_at } = study.fold.state;
  // Where the runner died between its last run and the study's end, the end is still to be written down.
  const isOver = started_at !== null && status !== "running";
  if (study.todo.length === 0 && isOver) return nothingToDo(study, say);
  if (study.reasons !== "") say(`${study.todo.length} to make: ${study.reasons}`);
  return await makeRuns(study, opened, surroundings);
}

/** Runs the study, and has let go of it when it returns. */
async function makeRuns(
  study: OpenStudy,
  opened: ContainmentMethod | null,
  { command, streams, stop, say }: Surroundings,
): Promise<number> {
  const { plan, dir, todo, base_dir } = study;
  closeInheritedOnExec();
  becomeSubreaper();
  const name = runNamer(distinctConfigs(plan.runs), plan.n_cycles);
  const keeper = new SummaryKeeper(realDisk, dir, plan, study.fold.state);
  const { verbosity } = command;
  using stack = new DisposableStack();
  stack.use(study.devices);
  stack.use(study.lock);
  stack.defer(() => study.journal.close());
  if (command.resume !== null && todo.length > 0) checkSpace(dir, todo.length, command, streams);
  const progress = stack.use(
    new Progress(streams, { total: plan.runs.length, todo: todo.length, name, verbosity }),
  );
  const self = workerProgram(study, stack);
  const python_main = pythonMain(study, stack);
  const suspension = stack.use(new Suspension());
  stack.use(listenForPauses({ suspension, tell: () => progress.tell(), hide: () => progress.hide() }));
  tellStops(stop, plan.execution.grace_seconds, progress, stack);
  const containment = opened ?? await contain(plan.execution.containment);
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
  streams.out.onFailure = (reason) => {
    const text = `stdout cannot be written: ${reason}; results are in ${dir}`;
    emit({ type: "warning", code: "stdout", text });
  };
  const quarantine = quarantineDevices(study, emit);
  const guard = new Guard(() => {
    const text = "The guard process was killed; another one stands in its place";
    emit({ type: "warning", code: "guard", text });
  }, study.docker?.cli ?? null);
  try {
    const env = Deno.env.toObject();
    const { docker } = study;
    const launch = makeLaunch({ self, python_main, study_dir: Deno.realPathSync(dir), docker, env });
    await using energy = await openMetering({
      plan,
      todo,
      env,
      base_dir,
      self,
      guard,
      signal: stop.signal,
      emit,
    });
    if (todo.length > 0) say(`energy: ${energy.text}`);
    const { metering, meter } = energy;
    const environment = watchEnvironment(dir, meter, emit);
    const environmentChanges = (): ReturnType<EnvironmentWatch["changes"]> => environment?.changes() ?? [];
    const readMemory = async (): ReturnType<typeof readGpuMemory> =>
      await meter?.readMemory() ?? await readGpuMemory();
    const memory = new MemoryGate(study.devices.keys, readMemory);
    const given = {
      environmentChanges,
      guard,
      containment,
      memory,
      metering,
      stop,
      suspension,
      launch,
      quarantine,
      emit,
    };
    const end = await runStudy({
      ...study,
      inputsOf: (config) => study.inputs.of(config),
      study_dir: dir,
      disk: realDisk,
      ...given,
    });
    await takeBaselineAfter({ dir, todo, completed: end.totals.completed, meter, stop, emit });
    const share = meter?.cpuShare ?? null;
    if (share !== null) say(`energy: the meter itself used ${(share * 100).toFixed(2)} % of a CPU core`);
    progress[Symbol.dispose]();
    // The table comes after the last line, unless nobody takes that line.
    await Promise.race([streams.err.flush(), pause(FLUSH_PATIENCE_MS)]);
    if (!command.json && verbosity !== "quiet") streams.out.write(`\n${summaryTable(keeper.summary())}`);
    return exitCodeOf(end);
  } finally {
    await guard.close();
  }
}

/** The study ends anyway: a quarantine that cannot be written costs the next one a surprise, not this one its result. */
function quarantineDevices(
  { devices }: OpenStudy,
  emit: (event: RunnerEvent) => void,
): (by: Parameters<OpenStudy["devices"]["quarantine"]>[0]) => void {
  return (by) => {
    try {
      devices.quarantine(by);
    } catch (error) {
      const text = `The devices could not be marked as not to be used: ${(error as Error).message}`;
      emit({ type: "warning", code: "quarantine", text });
    }
  };
}

/** Says what a signal does, as it comes. */
function tellStops(stop: StopSwitch, graceS: number, progress: Progress, stack: DisposableStack): void {
  stack.use(stop.listen((signal, urgency) => progress.say(stopLine(signal, urgency, graceS))));
  const tellDrain = (): void => progress.say("SIGUSR2: the run at hand is the last one.");
  stop.draining.addEventListener("abort", tellDrain);
  stack.defer(() => stop.draining.removeEventListener("abort", tellDrain));
}

function stopLine(signal: StopSignal, urgency: "first" | "again", graceS: number): string {
  if (urgency === "again") return `${signal}: killing the run at hand.`;
  const grace = formatDuration(graceS);
  return `${signal}: the run at hand has ${grace} to end, then the study stops. A second signal kills it now.`;
}

/** This program as the worker of the study's runs: pinned where any of them needs it. */
function workerProgram({ dir, todo }: OpenStudy, stack: DisposableStack): SelfProgram {
  if (todo.every((run) => ENGINES[run.config.backend].worker?.kind === "user_program")) return selfProgram();
  try {
    return stack.use(pinProgram(dir)).self;
  } catch (error) {
    throw new SaveError("a link to this program in", dir, error);
  }
}

/** The main module of the Python worker, written down for the study; null where no run needs it. */
function pythonMain({ dir, todo }: OpenStudy, stack: DisposableStack): string | null {
  if (todo.every((run) => ENGINES[run.config.backend].worker?.kind !== "python")) return null;
  try {
    return stack.use(writePythonWorker(Deno.realPathSync(dir))).main;
  } catch (error) {
    throw new SaveError("the Python worker in", dir, error);
  }
}

function printRecord(event: RunnerEvent, streams: Streams): void {
  const record = ndjsonRecord(event);
  if (record !== null) streams.out.write(`${jsonText(record)}\n`);
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
