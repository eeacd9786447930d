import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { bootId, isAlive, readProcStat } from "../process/proc_stat.ts";
import { printable } from "../base/text.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { lockOwner, unknownOwner } from "./messages.ts";

/** Somebody else holds what the command needs. Waiting may help. */
export class BusyError extends CommandError {
  constructor(message: string) {
    super(EXIT.locked, message);
  }
}

/**
 * Who holds a lock, by the text in its file, which anybody may have written: `process 12 on host since ... for STUDY`,
 * unless the study is the one that is spoken of.
 */
export function describeOwner(text: string, spokenOf: string | null = null): string {
  let owner: Json = null;
  try {
    owner = JSON.parse(text);
  } catch {
    // Empty, or not one of ours.
  }
  if (!isJsonObject(owner) || isGone(owner)) return unknownOwner();
  const { pid, host, since, study_dir } = owner;
  const other = typeof study_dir === "string" && study_dir !== spokenOf ? study_dir : null;
  const shown = lockOwner({ pid: `${pid}`, host: `${host}`, since: `${since}`, study_dir: other });
  return printable(shown).slice(0, 500);
}

/**
 * True where the text names a process of this machine that has ended: a holder that was killed leaves its text, and the
 * next one has taken the lock and not written its own yet.
 */
function isGone({ host, boot_id, pid, start_ticks }: JsonObject): boolean {
  if (host !== Deno.hostname() || boot_id !== bootId() || typeof start_ticks !== "number") return false;
  const stat = readProcStat(Number(pid));
  return !isAlive(stat) || stat?.start_ticks !== start_ticks;
}
