/** The type of the file system that a path lies on (`ext4`, `nfs4`, `lustre` ...); null where that is unknown. */
export function fileSystemOf(path: string): string | null {
  try {
    return fileSystemIn(Deno.readTextFileSync("/proc/self/mountinfo"), Deno.realPathSync(path));
  } catch {
    return null;
  }
}

/**
 * The same from the text of /proc/self/mountinfo (proc(5)) for an absolute path without links: the deepest mount
 * point above it, of equal ones the last that was mounted.
 */
export function fileSystemIn(mountinfo: string, path: string): string | null {
  let best = { point: "", type: null as string | null };
  for (const line of mountinfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const point = unescape(before.split(" ")[4] ?? "");
    const holds = path === point || path.startsWith(point.endsWith("/") ? point : `${point}/`);
    if (point !== "" && holds && point.length >= best.point.length) {
      best = { point, type: after.split(" ")[0] ?? null };
    }
  }
  return best.type;
}

/** Blanks and the like are written as three octal digits. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
