import { plural } from "../base/text.ts";
import { freeSpace } from "../storage/free_space.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import type { EmitSession } from "./session_event.ts";

const MIB = 1024 * 1024;
/** What a study writes whatever its runs do: plan, environment, manifest (and its next version), journal, summary. */
const STUDY_BYTES = 4 * MIB;
/** The least a run leaves behind: result, log and journal lines, in blocks of 4 KiB, with a margin. */
const RUN_BYTES = 32 * 1024;
const STUDY_FILES = 16;
/** Folder, log, requests, result and its temporary file. */
const RUN_FILES = 5;
/** Below this a user wants to know: logs and requests can take megabytes a run. */
const PLENTY_BYTES = 1024 * MIB;

/**
 * Refuses before the first run what would surely find the disk full later; warns where there is little left. `folder`
 * need not exist yet; a new study may go elsewhere. Throws CommandError.
 */
export function checkSpace(
  folder: string,
  runs: number,
  { isNew, emit }: { readonly isNew: boolean; readonly emit: EmitSession },
): void {
  const free = freeSpace(folder);
  if (free === null) return;
  const need = `${plural(runs, "run")} ${runs === 1 ? "needs" : "need"}`;
  const refuse = (state: string): never => {
    const elsewhere = isNew ? ", or choose another folder with -o" : "";
    throw new CommandError(EXIT.notSaved, `Too little space in ${folder}: ${state}. Free some${elsewhere}.`);
  };
  const needBytes = STUDY_BYTES + runs * RUN_BYTES;
  if (free.bytes < needBytes) refuse(`${mib(free.bytes)} free, and ${need} ${mib(needBytes)} at the least`);
  const needFiles = STUDY_FILES + runs * RUN_FILES;
  if (free.files !== null && free.files < needFiles) {
    refuse(`room for ${free.files} more files (inodes), and ${need} ${needFiles}`);
  }
  if (free.bytes < PLENTY_BYTES) {
    emit({
      type: "notice",
      level: "routine",
      text: `warning: only ${mib(free.bytes)} are free in ${folder}.`,
    });
  }
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
