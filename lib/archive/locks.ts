import { sleep } from "../base/abort.ts";
import { join } from "node:path";
import { hasGpu } from "../host/environment.ts";
import { boardKey, type Boards, boardsListed, keyNamed } from "../host/boards.ts";
import { readGpus } from "../host/gpus.ts";
import { boardsOf } from "../host/pool_boards.ts";
import { visibleTo, withoutAll } from "../host/visible_boards.ts";
import type { ProcessIdentity } from "../journal/event.ts";
import type { Plan } from "../plan/plan.ts";
import { bootId, isAlive, readProcStat } from "../process/proc_stat.ts";
import { printable } from "../base/text.ts";
import {
  deviceLockPath,
  lockFolder,
  quarantine,
  type QuarantinedProcess,
  tryDeviceLock,
} from "../storage/device_lock.ts";
import { type HeldLock, tryLock, tryLockFolder, tryShareLock } from "../storage/lock.ts";
import { BusyError, describeOwner } from "./busy.ts";
import { lockRemedy, lockTrouble } from "./lock_refusal.ts";
import {
  continuingUnlocked,
  deviceBusy,
  deviceQuarantined,
  folderBusy,
  type LockPlace,
  lockRefused,
  studyBusy,
} from "./messages.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import type { GpuHost } from "../engines/engine.ts";
import { ENGINES } from "../engines/engines.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Who takes locks, and whether it goes on where there can be none. */
export interface LockTaker {
  readonly owner: ProcessIdentity;
  readonly env: Env;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** Go on, with a warning, where the file system refuses to lock. */
  readonly without: boolean;
}

/** Locks that are held, and what was to be said about those that could not be had. */
export interface Locks extends Disposable {
  readonly warnings: readonly string[];
}

/** The locks on the devices of a study. */
export interface DeviceLocks extends Locks {
  /** What they are known by: a GPU's UUID, or the name that was given. */
  readonly keys: readonly string[];
  /** Tells others which study it is that holds them. */
  describe(studyDir: string): void;
  /**
   * Keeps everybody from these devices, or those of them that are named, while that process, which could not be killed, lives.
   * Throws what the system threw.
   */
  quarantine(by: QuarantinedProcess, keys?: readonly string[]): void;
}

/** Takes the lock of a study directory. Throws BusyError naming who has it. */
export function lockStudy(
  dir: string,
  taker: LockTaker,
  place: Exclude<LockPlace, "devices"> = "resumed_study",
): Locks {
  return studyLock(tryLock, dir, taker, place);
}

/**
 * Takes a part in the lock of a study directory, which all agents on it have together: whoever wants the study for itself, as
 * an earlier llem does or a resume, finds it busy. Throws BusyError where somebody has it alone.
 */
export function shareStudy(dir: string, taker: LockTaker): Locks {
  return studyLock(tryShareLock, dir, taker, "new_study");
}

function studyLock(
  attemptIt: typeof tryLock,
  dir: string,
  taker: LockTaker,
  place: Exclude<LockPlace, "devices">,
): Locks {
  const path = join(dir, "lock");
  const attempt = attemptIt(path, lockOwnerText(taker.owner, dir));
  switch (attempt.kind) {
    case "held":
      return { warnings: [], [Symbol.dispose]: () => attempt.lock[Symbol.dispose]() };
    case "busy":
      throw new BusyError(studyBusy(dir, describeOwner(attempt.owner, dir)));
    case "refused":
      return { warnings: [refusedLock(path, attempt.errno, taker, place)], [Symbol.dispose]: () => {} };
  }
}

/**
 * Takes the locks of all devices of a plan, or none of them. `machine` has the boards as far as they are known; left out for
 * those that the driver lists. Throws BusyError naming who has one.
 */
export function lockDevices(
  plan: Plan,
  taker: LockTaker,
  machine: Boards = boardsListed(readGpus()),
): DeviceLocks {
  const { env, base_dir, owner } = taker;
  const folder = lockFolder(env);
  const keys = heldDevices(plan, machine, { env, base_dir });
  // Two names may share a path.
  const devices = [...new Map(keys.map((key) => [deviceLockPath(folder, key), key])).values()];
  const warnings: string[] = [];
  const taken: HeldLock[] = [];
  const free = (): void => taken.forEach((lock) => lock[Symbol.dispose]());
  try {
    for (const device of devices) {
      const attempt = tryDeviceLock({ folder, device, owner: lockOwnerText(owner, null), stillLives });
      switch (attempt.kind) {
        case "held":
          taken.push(attempt.lock);
          break;
        case "busy":
          throw new BusyError(deviceBusy(device, describeOwner(attempt.owner)));
        case "quarantined":
          throw new BusyError(quarantineText(device, attempt.by));
        case "refused":
          warnings.push(refusedLock(deviceLockPath(folder, device), attempt.errno, taker, "devices"));
      }
    }
  } catch (error) {
    free();
    throw error;
  }
  return {
    keys: devices,
    warnings,
    describe: (studyDir) => taken.forEach((lock) => lock.describe(lockOwnerText(owner, studyDir))),
    quarantine: (by, keys = devices) => keys.forEach((device) => quarantine(folder, device, by)),
    [Symbol.dispose]: free,
  };
}

/**
 * Runs something while no other llem looks for a study in that folder: two starts in the same second must not both
 * find none. It takes milliseconds, so whoever comes second waits for it.
 */
export async function whileAlone<T>(folder: string, action: () => Promise<T>): Promise<T> {
  for (let triesLeft = FOLDER_TRIES;; triesLeft--) {
    const attempt = tryLockFolder(folder);
    if (attempt.kind !== "busy") {
      // Where folders cannot be locked, nothing is lost but this.
      using _ = attempt.kind === "held" ? attempt.lock : null;
      return await action();
    }
    if (triesLeft === 0) throw new BusyError(folderBusy(folder));
    await sleep(FOLDER_PAUSE_MS);
  }
}

const FOLDER_TRIES = 250;
const FOLDER_PAUSE_MS = 20;

/**
 * The devices that the study names; where it names none and runs hold a GPU, every one that they can see. A pool has
 * its boards to itself as soon as any run may use one.
 */
export function heldDevices(
  { runs, execution }: Pick<Plan, "runs" | "execution">,
  machine: Boards,
  { env, base_dir }: Pick<GpuHost, "env" | "base_dir">,
): string[] {
  const { devices, parallel } = execution;
  // In a container the driver's list may be hidden.
  const host = { env, base_dir, has_gpu: machine.boards.length > 0 || hasGpu() };
  const uses = new Set(runs.map(({ config }) => ENGINES[config.backend].gpus(config, host).kind));
  if (parallel !== "off" && machine.boards.length > 0) {
    const isHeld = devices.length > 0 || uses.has("some") || uses.has("unknown");
    return isHeld ? boardsOf(devices, machine, env).boards.map(({ key }) => key) : [];
  }
  if (devices.length === 0 && !uses.has("some")) return [];
  const names = devices.length > 0 ? withoutAll(devices, env, machine) : visibleNames(env, machine);
  return [...new Set(names.map((name) => keyNamed(name, machine)))];
}

/** None in a Slurm job that does not tell: there Slurm keeps others away by itself. */
function visibleNames(env: Env, machine: Boards): readonly string[] {
  const visible = visibleTo(env, machine);
  if (visible.kind === "all") return machine.boards.map(boardKey);
  return visible.kind === "names" ? visible.names : [];
}

function lockOwnerText(owner: ProcessIdentity, studyDir: string | null): string {
  return JSON.stringify({ ...owner, study_dir: studyDir, since: new Date().toISOString() });
}

function stillLives({ pid, start_ticks, boot_id }: QuarantinedProcess): boolean {
  const stat = readProcStat(pid);
  return boot_id === bootId() && stat?.start_ticks === start_ticks && isAlive(stat);
}

function quarantineText(device: string, by: QuarantinedProcess): string {
  return printable(deviceQuarantined(device, by)).slice(0, 1000);
}

/** The warning that there is no lock; throws it as an error where the user has not asked to go on all the same. */
function refusedLock(path: string, errno: number, { without }: LockTaker, place: LockPlace): string {
  const reason = lockTrouble(path, errno);
  if (without) return continuingUnlocked(path, reason);
  throw new CommandError(EXIT.notSaved, lockRefused(path, reason, lockRemedy(errno, place)));
}
