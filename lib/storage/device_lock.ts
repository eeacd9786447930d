/**
 * Locks on devices, shared by every user and program of the machine, and the quarantine of a device whose process
 * cannot be killed. What stands in these files was written by others: it is shown, and believed only where the
 * process that it names can be seen.
 */
import { removeIfThere } from "../base/files.ts";
import { join } from "node:path";
import { pathFrom } from "../base/expand_home.ts";
import { isJsonObject, type Json } from "../base/json.ts";
import { Descriptor, OPEN } from "./_descriptor.ts";
import { safeName } from "./exclusive_folder.ts";
import { type LockAttempt, trySharedLock } from "./lock.ts";

/** A process that holds a device and does not die, told from any other of the same pid. */
export interface QuarantinedProcess {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly start_ticks: number;
  readonly boot_id: string | null;
  readonly study_dir: string;
  readonly run_id: string;
}

export type DeviceLockAttempt =
  | LockAttempt
  | { readonly kind: "quarantined"; readonly by: QuarantinedProcess };

/**
 * The folder of device locks, the same one for every user: LLEM_LOCK_DIR, else /run/lock where everybody may write
 * there, else /tmp.
 */
export function lockFolder(env: Readonly<Record<string, string | undefined>>): string {
  const { LLEM_LOCK_DIR: named = "" } = env;
  if (named !== "") return pathFrom(Deno.cwd(), named, env);
  return isForEveryone("/run/lock") ? "/run/lock" : "/tmp";
}

const WRITABLE_FOR_OTHERS = 0o002;

function isForEveryone(path: string): boolean {
  try {
    return ((Deno.statSync(path).mode ?? 0) & WRITABLE_FOR_OTHERS) !== 0;
  } catch {
    return false;
  }
}

/** Where a device is locked. */
export function deviceLockPath(folder: string, device: string): string {
  return join(folder, `llem-device-${safeName(device) || "unnamed"}.lock`);
}

function quarantinePath(folder: string, device: string): string {
  return join(folder, `llem-device-${safeName(device) || "unnamed"}.quarantine`);
}

/**
 * Takes the lock of a device, unless somebody has it or a process that could not be killed still lives; a
 * quarantine whose process is gone is lifted.
 */
export function tryDeviceLock(
  { folder, device, owner, stillLives }: {
    readonly folder: string;
    readonly device: string;
    readonly owner: string;
    readonly stillLives: (quarantined: QuarantinedProcess) => boolean;
  },
): DeviceLockAttempt {
  const attempt = trySharedLock(deviceLockPath(folder, device), owner);
  if (attempt.kind !== "held") return attempt;
  const quarantined = readQuarantine(folder, device);
  if (quarantined === null) return attempt;
  if (!stillLives(quarantined)) {
    removeIfThere(quarantinePath(folder, device));
    return attempt;
  }
  attempt.lock[Symbol.dispose]();
  return { kind: "quarantined", by: quarantined };
}

/** Keeps others from a device until that process is gone. Throws what the system threw. */
export function quarantine(folder: string, device: string, by: QuarantinedProcess): void {
  const path = quarantinePath(folder, device);
  removeIfThere(path);
  // A new file or none: what somebody else put there meanwhile is not written to.
  Deno.writeTextFileSync(path, `${JSON.stringify(by)}\n`, { createNew: true });
  Deno.chmodSync(path, 0o644);
}

/** Null where there is none, or nothing that names a process. */
function readQuarantine(folder: string, device: string): QuarantinedProcess | null {
  const file = Descriptor.open(
    quarantinePath(folder, device),
    OPEN.readOnly | OPEN.noFollow | OPEN.nonBlocking,
  );
  if ("errno" in file) return null;
  using _ = file;
  let value: Json = null;
  try {
    value = JSON.parse(file.read());
  } catch {
    // Not ours, or half written.
  }
  if (!isJsonObject(value)) return null;
  const { pid, start_ticks, boot_id, study_dir, run_id } = value;
  if (typeof pid !== "number" || typeof start_ticks !== "number") return null;
  return {
    pid,
    start_ticks,
    boot_id: typeof boot_id === "string" ? boot_id : null,
    study_dir: String(study_dir),
    run_id: String(run_id),
  };
}
