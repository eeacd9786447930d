import { nearestThere } from "./files.ts";

/** What a path lies on. */
export interface Mount {
  /** Such as `ext4`, `nfs4`, `lustre`. */
  readonly type: string;
  /** Such as `rw`, `noexec`: those of the mount, not of the file system below it. */
  readonly options: readonly string[];
}

/** The mount that a path lies on, or is to lie on; null where that is unknown. */
function mountOf(path: string): Mount | null {
  try {
    return mountIn(Deno.readTextFileSync("/proc/self/mountinfo"), Deno.realPathSync(nearestThere(path)));
  } catch {
    return null;
  }
}

/**
 * True where the file system that a path lies on, or is to lie on, lets no program be started from it (mounted noexec, as
 * many data volumes are). False where that is unknown.
 */
export function isNoexec(path: string): boolean {
  return mountOf(path)?.options.includes("noexec") === true;
}

/**
 * The same from the text of /proc/self/mountinfo (proc(5)) for an absolute path without links: the deepest mount
 * point above it, of equal ones the last that was mounted.
 */
export function mountIn(mountinfo: string, path: string): Mount | null {
  let best: { readonly point: string; readonly mount: Mount | null } = { point: "", mount: null };
  for (const line of mountinfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , , place = "", options = ""] = before.split(" ");
    const [type] = after.split(" ");
    const point = unescape(place);
    const holds = path === point || path.startsWith(point.endsWith("/") ? point : `${point}/`);
    if (point === "" || type === undefined || !holds || point.length < best.point.length) continue;
    best = { point, mount: { type, options: options.split(",") } };
  }
  return best.mount;
}

/** Blanks and the like are written as three octal digits. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
