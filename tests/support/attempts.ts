/** Attempts and studies with real workers, and what is to be found when they are over. */
import { NO_INPUTS } from "../../lib/experiment/inputs.ts";
import { becomeSubreaper, children } from "../../lib/process/adopted.ts";
import { type ContainmentMethod, groupContainment } from "../../lib/process/containment.ts";
import { Guard } from "../../lib/process/guard.ts";
import { isAlive } from "../../lib/process/proc_stat.ts";
import type { Run } from "../../lib/experiment/run.ts";
import { JournalFold } from "../../lib/journal/fold.ts";
import { Journal } from "../../lib/journal/journal.ts";
import { MemoryGate } from "../../lib/metering/memory_gate.ts";
import { type Metering, unmetered } from "../../lib/metering/metering.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import type { AttemptRequest, Launch, Launcher } from "../../lib/launch/attempt_request.ts";
import type { ServerLauncher } from "../../lib/launch/server_launch.ts";
import { ServerLeases } from "../../lib/servers/leases.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import { Ledger } from "../../lib/runner/ledger.ts";
import { planSource, type RunSource } from "../../lib/runner/run_source.ts";
import { chainSource } from "../../lib/runner/pool/chain_source.ts";
import { runStudy, runStudyOnPool, type StudyEnd } from "../../lib/runner/run_study.ts";
import { StopSwitch } from "../../lib/process/stop.ts";
import { Suspension } from "../../lib/process/suspension.ts";
import { type Disk, realDisk } from "../../lib/storage/disk.ts";
import { boardPool, type PoolDraft } from "./board_pool.ts";
import { RUNNER } from "./events.ts";
import { distinctConfigs, variedReader } from "../../lib/results/varied.ts";
import "./libc.ts";
import { WORKERS } from "./plans.ts";
import { TempFolder } from "./temp_folder.ts";

becomeSubreaper();

/** Starts the program of a `command` experiment, with the least of environments. */
export function launch({ run, attempt, base_dir }: AttemptRequest): Launch {
  const [program = "", ...args] = run.config.command?.argv ?? [];
  const env = { PATH: "/usr/bin:/bin", LLEM_ATTEMPT: String(attempt), WORKERS };
  return { spec: { program, args, cwd: base_dir, env } };
}

/** Ids of our children that still live, but for those that are named. */
export function livingChildren(...except: readonly number[]): number[] {
  return children().filter((stat) => isAlive(stat) && !except.includes(stat.pid)).map(({ pid }) => pid);
}

/** What a study is run with. */
export interface StudyOptions {
  readonly todo?: readonly Run[];
  readonly source?: RunSource;
  readonly disk?: Disk;
  readonly fold?: JournalFold;
  readonly stop?: StopSwitch;
  readonly suspension?: Suspension;
  readonly containment?: ContainmentMethod;
  readonly launch?: Launcher;
  readonly guard?: () => Guard;
  readonly metering?: Metering;
  readonly serverLaunch?: ServerLauncher;
  readonly memory?: MemoryGate;
  /** The boards of a pool; without one, runs are made one at a time. */
  readonly pool?: PoolDraft;
  /** What of a run's inputs is not as it was, asked after every run; without it nothing is. */
  readonly changeFor?: () => string | null;
  /** Hears every event as it is emitted. */
  readonly onEvent?: (event: RunnerEvent) => void;
  /** Prepares the study directory. */
  readonly prepare?: (folder: TempFolder) => void;
}

/** A study directory and how it came about; goes away with the test. */
export interface MadeStudy extends Disposable {
  readonly folder: TempFolder;
  readonly events: readonly RunnerEvent[];
  readonly end: StudyEnd | null;
  /** What it threw. */
  readonly error: unknown;
  /** Children of ours that were alive at the end, besides the guard. */
  readonly left: readonly number[];
}

/** Runs a plan in a folder of its own. */
export async function makeStudy(plan: Plan, options: StudyOptions = {}): Promise<MadeStudy> {
  const folder = new TempFolder();
  Deno.mkdirSync(folder.at("runs"));
  options.prepare?.(folder);
  const { disk = realDisk, stop = new StopSwitch(), fold = new JournalFold() } = options;
  const { changeFor = () => null } = options;
  const events: RunnerEvent[] = [];
  const guard = options.guard?.() ?? new Guard();
  const suspension = options.suspension ?? new Suspension();
  let end: StudyEnd | null = null;
  let error: unknown = null;
  let journal: Journal | null = null;
  try {
    journal = new Journal(disk, folder.at("journal.jsonl"));
    const emit = (event: RunnerEvent): void => {
      events.push(event);
      options.onEvent?.(event);
    };
    const dir = folder.path;
    const varied = variedReader(distinctConfigs(plan.runs));
    using ledger = new Ledger({ plan, dir, disk, journal, fold }, ({ message }) => {
      emit({ type: "warning", code: "manifest", text: `manifest.json could not be written: ${message}` });
    });
    const study = {
      plan,
      dir,
      base_dir: dir,
      inputs: { of: () => NO_INPUTS, changeFor, joinHash: () => null },
      varied,
      ledger,
      emit,
    };
    const todo = options.todo ?? plan.runs;
    const host = {
      owner: RUNNER,
      guard,
      containment: options.containment ?? groupContainment,
      launch: options.launch ?? launch,
      ...options.serverLaunch === undefined ? {} : { serverLaunch: options.serverLaunch },
      disk,
      environmentChanges: () => [],
    };
    const slot = {
      devices: plan.execution.devices,
      metering: options.metering ?? unmetered("a test without a meter"),
      memory: options.memory ?? new MemoryGate([], () => Promise.resolve(null)),
      quarantine: () => {},
      servers: new ServerLeases(),
    };
    const halts = { stop, suspension };
    if (options.pool === undefined) {
      end = await runStudy(study, options.source ?? planSource(todo), host, slot, halts);
    } else {
      const pool = boardPool(plan, options.pool);
      const source = chainSource(study, options.pool.source ?? planSource(todo), pool.chainsOf);
      const { feed = source.feed } = options.pool;
      end = await runStudyOnPool(study, { ...source, feed }, host, pool, halts);
    }
  } catch (thrown) {
    error = thrown;
  }
  const left = livingChildren(guard.pid);
  journal?.close();
  await guard.close();
  suspension[Symbol.dispose]();
  return { folder, events, end, error, left, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}
