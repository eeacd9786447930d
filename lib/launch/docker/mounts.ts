/** A folder or file of this machine that a container sees under the same path. */
export interface Mount {
  /** Absolute. */
  readonly path: string;
  readonly writable: boolean;
}

/** Folders that make up the container's own system: one of ours over them would break it. */
const SYSTEM = [
  "/",
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/lib",
  "/lib32",
  "/lib64",
  "/opt",
  "/proc",
  "/run",
  "/sbin",
  "/sys",
  "/usr",
  "/usr/bin",
  "/usr/lib",
  "/usr/local",
  "/var",
];

/**
 * The options of `docker run` for these mounts: each path once, and none that another one brings along
 * already.
 */
export function mountArguments(mounts: readonly Mount[]): string[] {
  return neededMounts(mounts).flatMap(({ path, writable }) => ["--mount", mountText(path, writable)]);
}

function neededMounts(mounts: readonly Mount[]): Mount[] {
  const paths = new Map<string, Mount>();
  for (const mount of mounts) {
    if (SYSTEM.includes(mount.path)) continue;
    if (mount.writable || !paths.has(mount.path)) paths.set(mount.path, mount);
  }
  const sorted = [...paths.values()].sort((one, other) => one.path < other.path ? -1 : 1);
  const needed: Mount[] = [];
  for (const mount of sorted) {
    // The innermost of those around it decides what would be seen without this one.
    const around = needed.findLast(({ path }) => mount.path.startsWith(`${path}/`));
    if (around === undefined || mount.writable && !around.writable) needed.push(mount);
  }
  return needed;
}

/**
 * One line of CSV (RFC 4180), as docker reads it: a field with a comma, a quote or a line end stands in
 * quotes.
 */
function mountText(path: string, writable: boolean): string {
  const fields = ["type=bind", `src=${path}`, `dst=${path}`, ...(writable ? [] : ["readonly"])];
  return fields.map((field) => /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field).join(",");
}
