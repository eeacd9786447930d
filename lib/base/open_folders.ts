import { dirname } from "node:path";

const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;

/**
 * The folder itself, or the nearest one above it, that lets anyone rename what lies in it: world-writable and not sticky as
 * /tmp is; null where none does. `path` must be there and free of links (Deno.realPathSync).
 */
export function openFolderAbove(path: string): string | null {
  const mode = Deno.statSync(path).mode ?? 0;
  if ((mode & WORLD_WRITABLE) !== 0 && (mode & STICKY) === 0) return path;
  return dirname(path) === path ? null : openFolderAbove(dirname(path));
}

/** Throws where a folder, or one above it, lets anyone rename what lies in it. */
export function refuseOpenFolders(path: string): void {
  const open = openFolderAbove(path);
  if (open !== null) throw new Error(`${open} is writable for everyone`);
}
