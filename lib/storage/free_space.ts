import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** What is left of a file system for us. */
export interface FreeSpace {
  readonly bytes: number;
  /** How many more files it takes; null where the file system makes them as needed. */
  readonly files: number | null;
}

/** The space below a folder that may not exist yet; null where the system does not tell. */
export function freeSpace(folder: string): FreeSpace | null {
  try {
    const { blocks, bavail, bsize, files, ffree } = statfsSync(folder);
    // A file system without blocks (/proc, some network file systems) does not count.
    if (blocks === 0) return null;
    return { bytes: bavail * bsize, files: files === 0 ? null : ffree };
  } catch (error) {
    const isMissing = (error as { code?: string }).code === "ENOENT";
    return isMissing && dirname(folder) !== folder ? freeSpace(dirname(folder)) : null;
  }
}
