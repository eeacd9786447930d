import type { Verbosity } from "../report/run_line.ts";
import { plural } from "../report/text.ts";
import { freeSpace } from "../storage/free_space.ts";
import { CommandError, EXIT } from "./exit_code.ts";
import type { Streams } from "./streams.ts";

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
 * need not exist yet. Throws CommandError.
 */
export function checkSpace(folder: string, runs: number, verbosity: Verbosity, streams: Streams): void {
  const free = freeSpace(folder);
  if (free === null) return;
  const needBytes = STUDY_BYTES + runs * RUN_BYTES;
  const needFiles = STUDY_FILES + runs * RUN_FILES;
  if (free.bytes < needBytes) {
    refuse(folder, `${mib(free.bytes)} free, and ${plural(runs, "run")} need ${mib(needBytes)} at the least`);
  }
  if (free.files !== null && free.files < needFiles) {
    refuse(
      folder,
      `room for ${free.files} more files (inodes), and ${plural(runs, "run")} need ${needFiles}`,
    );
  }
  if (free.bytes < PLENTY_BYTES && verbosity !== "quiet") {
    streams.err.write(`llem: warning: only ${mib(free.bytes)} are free in ${folder}.\n`);
  }
}

function refuse(folder: string, state: string): never {
  throw new CommandError(
    EXIT.notSaved,
    `Too little space in ${folder}: ${state}. Free some, or choose another folder with -o.`,
  );
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
