import { join } from "node:path";

/** A path with the user's home written out where it begins with `~`. */
export function expandHome(
  path: string,
  { HOME: home = "" }: Readonly<Record<string, string | undefined>>,
): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}
