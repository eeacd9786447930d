import { dirname } from "node:path";

const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;

/**
 * Throws where a folder, or one above it, lets anyone rename what lies in it: world-writable and not sticky as /tmp
 * is. `path` must be free of links (Deno.realPathSync).
 */
export function refuseOpenFolders(path: string): void {
  const mode = Deno.statSync(path).mode ?? 0;
  if ((mode & WORLD_WRITABLE) !== 0 && (mode & STICKY) === 0) {
    throw new Error(`${path} is writable for everyone`);
  }
  if (dirname(path) !== path) refuseOpenFolders(dirname(path));
}
