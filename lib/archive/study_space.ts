import type { FreeSpace } from "../storage/free_space.ts";
import { mebibytes, tooFewBytes, tooFewFiles } from "./messages.ts";

const MIB = 1024 * 1024;
/** What a study writes whatever its runs do: plan, environment, manifest (and its next version), journal, summary. */
const STUDY_BYTES = 4 * MIB;
/** The least a run leaves behind: result, log and journal lines, in blocks of 4 KiB, with a margin. */
const RUN_BYTES = 32 * 1024;
const STUDY_FILES = 16;
/** Folder, log, requests, result and its temporary file. */
const RUN_FILES = 5;

/** Why that many runs of a study would surely find the disk full; null where there is room for the least they leave. */
export function tooLittleSpace(free: FreeSpace, runs: number): string | null {
  const needBytes = STUDY_BYTES + runs * RUN_BYTES;
  if (free.bytes < needBytes) return tooFewBytes(mebibytes(free.bytes), runs, mebibytes(needBytes));
  const needFiles = STUDY_FILES + runs * RUN_FILES;
  if (free.files === null || free.files >= needFiles) return null;
  return tooFewFiles(free.files, runs, needFiles);
}
