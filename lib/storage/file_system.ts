import { mountIn } from "../base/mounts.ts";

/** The type of the file system that a path lies on (`ext4`, `nfs4`, `lustre` ...); null where that is unknown. */
export function fileSystemOf(path: string): string | null {
  try {
    return fileSystemIn(Deno.readTextFileSync("/proc/self/mountinfo"), Deno.realPathSync(path));
  } catch {
    return null;
  }
}

/** The same from the text of /proc/self/mountinfo for an absolute path without links. */
export function fileSystemIn(mountinfo: string, path: string): string | null {
  return mountIn(mountinfo, path)?.type ?? null;
}
