import { join } from "node:path";
import { tryShareLock } from "../storage/lock.ts";
import { BusyError, describeOwner } from "./busy.ts";
import { lockOwnerText, type Locks, type LockTaker, refusedLock } from "./locks.ts";
import { studyBusy } from "./messages.ts";

/**
 * Takes a part in the lock of a study directory, which all agents on it have together: whoever wants the study for itself, as
 * an earlier llem does or a resume, finds it busy. Throws BusyError where somebody has it alone.
 */
export function shareStudy(dir: string, taker: LockTaker): Locks {
  const path = join(dir, "lock");
  const attempt = tryShareLock(path, lockOwnerText(taker.owner, dir));
  switch (attempt.kind) {
    case "held":
      return { warnings: [], [Symbol.dispose]: () => attempt.lock[Symbol.dispose]() };
    case "busy":
      throw new BusyError(studyBusy(dir, describeOwner(attempt.owner, dir)));
    case "refused":
      return { warnings: [refusedLock(path, attempt.errno, taker, "new_study")], [Symbol.dispose]: () => {} };
  }
}
