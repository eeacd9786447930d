import { join, resolve } from "node:path";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { Image } from "../experiment/inputs.ts";
import type { Run } from "../experiment/run.ts";
import type { ProcessIdentity } from "../journal/event.ts";
import type { StudyInputs } from "../inputs/study_inputs.ts";
import { JournalFold } from "../journal/fold.ts";
import { Journal } from "../journal/journal.ts";
import type { Plan } from "../plan/plan.ts";
import type { Boards } from "../host/boards.ts";
import { ownRuns } from "../plan/shard.ts";
import { descriptorProblem } from "../host/descriptors.ts";
import { guardProblem } from "../process/guard_needs.ts";
import { bootId, readProcStat } from "../process/proc_stat.ts";
import { distinctConfigs } from "../results/varied.ts";
import { onlyForOwner } from "../storage/private_files.ts";
import { realDisk } from "../storage/disk.ts";
import { type DockerPreparation, isLocal, prepareDocker } from "../launch/docker/preflight.ts";
import type { DockerHost } from "../launch/docker/host.ts";
import { preflight } from "../launch/launch.ts";
import { type DeviceLocks, lockDevices, type Locks, lockStudy, type LockTaker } from "../archive/locks.ts";
import { pathNotUtf8, resultsInFile } from "./messages.ts";
import type { PlanReading } from "./read_plan.ts";
import type { RunRequest } from "./run_request.ts";
import { hasReadablePath, isFile, removeTree } from "../base/files.ts";
import { createStudyFolder } from "../archive/study_folder.ts";

/** A study directory that is ours to run in: locked, with its journal open. */
export interface OpenStudy {
  readonly dir: string;
  readonly plan: Plan;
  readonly base_dir: string;
  readonly inputs: StudyInputs;
  /** What runs in containers are started with; null where none is. */
  readonly docker: DockerHost | null;
  readonly todo: readonly Run[];
  /** Why the runs are made, where it is a study to go on with: `1 lost, 2 pending`; empty for a new one. */
  readonly reasons: string;
  readonly fold: JournalFold;
  readonly journal: Journal;
  /** This process, as the journal and the locks name it. */
  readonly owner: ProcessIdentity;
  /** On the directory. */
  readonly lock: Locks;
  readonly devices: DeviceLocks;
  /** Where its workers are started from; left out for the study's directory. */
  readonly workers_dir?: string;
}

/** Makes the directory of a new study and takes it. Throws SaveError, BusyError or CommandError. */
export function openNewStudy(
  request: RunRequest,
  reading: PlanReading,
  plan: Plan,
  { inputs, docker, machine }: Pick<OpenStudy, "inputs" | "docker"> & { readonly machine: Boards },
): OpenStudy {
  const taker = lockTaker(request, reading.base_dir);
  // Before the directory: who cannot have the devices leaves nothing behind.
  const devices = lockDevices(plan, taker, machine);
  using _private = reading.private_files ? onlyForOwner() : null;
  try {
    const dir = createStudyFolder(realDisk, outputFolder(request, reading), { ...reading, inputs }, plan);
    try {
      devices.describe(dir);
      const lock = lockStudy(dir, taker, "new_study");
      const journal = new Journal(realDisk, join(dir, "journal.jsonl"));
      const fold = new JournalFold();
      const { base_dir } = reading;
      return {
        dir,
        plan,
        base_dir,
        inputs: inputs.saved(),
        docker,
        todo: ownRuns(plan),
        reasons: "",
        fold,
        journal,
        owner: taker.owner,
        lock,
        devices,
      };
    } catch (error) {
      // Nothing has run: a directory that cannot be used is not left behind.
      removeTree(dir);
      throw error;
    }
  } catch (error) {
    devices[Symbol.dispose]();
    throw error;
  }
}

/** Absolute folder for study directories. */
export function outputFolder(request: RunRequest, reading: PlanReading): string {
  return resolve(request.output ?? reading.results_dir);
}

/** The runs of a plan, and how they are to be started. */
type RunsToStart = Pick<Plan, "runs" | "runners" | "execution">;

/** How the preparation of runs is done. */
interface Preparation {
  readonly base_dir: string;
  /** Absolute folder of the study's results; it need not be there yet. */
  readonly results: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** What a study that is gone on with began with, by backend. */
  readonly images?: ReadonlyMap<string, Image>;
  /** The boards, as far as they are known; left out for those that the driver lists. */
  readonly machine?: Boards;
}

/**
 * What containers of these runs are started with, and everything that keeps this machine from making the
 * runs, whatever they are run on.
 */
export async function prepareRuns(
  plan: RunsToStart,
  { base_dir, results, ...rest }: Preparation,
): Promise<DockerPreparation> {
  const configs = distinctConfigs(plan.runs);
  const env = Deno.env.toObject();
  const isHere = (config: ExperimentConfig): boolean => isLocal(config, plan);
  const question = { base_dir, results, signal: rest.signal, env, isLocal: isHere };
  const local = await preflight(configs, question);
  const { docker, problems } = await prepareDocker(plan, { env, ...rest });
  const path = pathProblem(results);
  const here = [...path === null ? [] : [path], ...await machineProblems(), ...local];
  return { docker, problems: [...here, ...problems] };
}

/** What keeps this machine from making any run, a sentence each. Starts a shell. */
export async function machineProblems(): Promise<string[]> {
  const problem = descriptorProblem() ?? await guardProblem();
  return problem === null ? [] : [problem];
}

/**
 * Why results cannot lie in a folder: it is a file, or workers could not be told its real path; null where they
 * can.
 */
export function pathProblem(results: string): string | null {
  if (isFile(results)) return resultsInFile(results);
  if (hasReadablePath(results)) return null;
  return pathNotUtf8(results);
}

/** This process as the holder of locks. */
export function lockTaker(request: Pick<RunRequest, "noLock">, base_dir: string): LockTaker {
  const start_ticks = readProcStat(Deno.pid)?.start_ticks ?? 0;
  return {
    owner: { host: Deno.hostname(), boot_id: bootId(), pid: Deno.pid, start_ticks },
    env: Deno.env.toObject(),
    base_dir,
    without: request.noLock,
  };
}
