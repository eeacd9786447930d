import { dirname, join, resolve } from "node:path";
import { nearestThere, removeTree } from "../base/files.ts";
import { isNoexec } from "../base/mounts.ts";
import { unpackElsewhereAdvice } from "../engines/messages.ts";
import { openFolderAbove } from "../base/open_folders.ts";
import { placeTrouble } from "../base/program_places.ts";
import { workerFolder } from "../host/self_program.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import { fileSystemOf } from "../storage/file_system.ts";
import { lockTrouble } from "../archive/lock_refusal.ts";
import { tooLittleSpace } from "../archive/study_space.ts";
import { freeSpace } from "../storage/free_space.ts";
import { tryLock } from "../storage/lock.ts";
import { UMASK_REMEDY } from "../storage/messages.ts";
import * as messages from "./messages.ts";

const GIB = 1024 ** 3;

/** Whether studies can be kept in `results`; what is made to find out is removed. */
export function fileChecks(results: string, cache: string | null): DoctorCheck[] {
  const folder = nearestThere(resolve(results));
  return [...resultsChecks(results, folder, cache), cacheCheck(cache)];
}

/** Nothing to tell of where the umask is none that keeps its user from what studies make. */
export function umaskChecks(trouble: string | null): DoctorCheck[] {
  return trouble === null ? [] : [files("umask", "broken", trouble, UMASK_REMEDY)];
}

function resultsChecks(results: string, folder: string, cache: string | null): DoctorCheck[] {
  let probe: string;
  try {
    probe = Deno.makeTempDirSync({ dir: folder, prefix: ".llem-doctor-" });
  } catch (error) {
    const detail = messages.resultsNotWritable(results, (error as Error).message);
    return [files("results", "broken", detail, messages.chooseOtherResults())];
  }
  try {
    const where = messages.resultsWritable(results, fileSystemOf(probe));
    return [placeCheck(where, folder, cache), spaceCheck(folder), lockCheck(probe)];
  } finally {
    removeTree(probe);
  }
}

/** Workers are started from the study directory where they may be, and results are their owner's alone. */
function placeCheck(where: string, folder: string, cache: string | null): DoctorCheck {
  if (isNoexec(folder)) {
    const workers = workerFolder(folder, cache);
    return workers === null
      ? files("results", "warning", messages.noexecEverywhere(where), messages.chooseOtherResults())
      : files("results", "ok", messages.noexecResults(where, dirname(workers)), null);
  }
  const open = openFolderAbove(Deno.realPathSync(folder));
  if (open === null) return files("results", "ok", where, null);
  return files("results", "warning", messages.openResults(where, open), messages.closeResults(open));
}

function spaceCheck(folder: string): DoctorCheck {
  const free = freeSpace(folder);
  if (free === null) return files("space", "ok", messages.spaceUnknown(), null);
  const tooLittle = tooLittleSpace(free, 1);
  if (tooLittle !== null) {
    return files("space", "broken", tooLittle, messages.freeSpaceAdvice());
  }
  const detail = messages.spaceLeft(free.bytes);
  return free.bytes < GIB
    ? files("space", "warning", detail, messages.freeSpaceAdvice())
    : files("space", "ok", detail, null);
}

function lockCheck(probe: string): DoctorCheck {
  const attempt = tryLock(join(probe, "lock"), "");
  if (attempt.kind === "held") {
    attempt.lock[Symbol.dispose]();
    return files("locks", "ok", messages.locksWork(), null);
  }
  const reason = attempt.kind === "refused" ? lockTrouble(probe, attempt.errno) : null;
  return files("locks", "warning", messages.locksFail(reason), messages.lockAdvice());
}

function cacheCheck(cache: string | null): DoctorCheck {
  if (cache === null) return files("cache", "warning", messages.noCache(), unpackElsewhereAdvice());
  const trouble = makeFolder(cache) ?? placeTrouble(cache, { probe: true });
  if (trouble === null) return files("cache", "ok", cache, null);
  return files("cache", "warning", messages.unusableCache(cache, trouble), unpackElsewhereAdvice());
}

function makeFolder(path: string): string | null {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function files(
  name: string,
  status: DoctorCheck["status"],
  detail: string,
  remedy: string | null,
): DoctorCheck {
  return { group: "Files", name, status, detail, remedy };
}
