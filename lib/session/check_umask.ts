import { CommandError, EXIT } from "../base/refusal.ts";
import { UMASK_REMEDY } from "../storage/messages.ts";
import { umaskTrouble } from "../storage/umask.ts";
import { umaskRefused } from "./messages.ts";

/** Refuses a umask under which nothing of a study could be read back. Throws CommandError. */
export function checkUmask(): void {
  const trouble = umaskTrouble();
  if (trouble === null) return;
  throw new CommandError(EXIT.notSaved, umaskRefused(trouble, UMASK_REMEDY));
}
