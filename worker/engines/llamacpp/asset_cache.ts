import { join } from "node:path";
import { refuseOpenFolders } from "../../../lib/base/open_folders.ts";
import { userCacheFolder } from "../../../lib/base/user_cache_folder.ts";
import type { AssetManifest } from "./asset_manifest.ts";
import { findAssetDefect } from "./check_assets.ts";
import { UNPACK_PREFIX, unpackAssets } from "./unpack_assets.ts";

const STALE_MS = 24 * 3600 * 1000;

/** Where this user's copy lives: `$XDG_CACHE_HOME/llem`, else `~/.cache/llem`. Throws where there is neither. */
export function cacheFolder(): string {
  const folder = userCacheFolder(Deno.env.toObject());
  if (folder !== null) return folder;
  throw new Error("neither XDG_CACHE_HOME nor HOME names a folder");
}

/**
 * The folder with this program's assets inside the cache: checked, and unpacked first where it is missing or
 * damaged. Throws where the cache cannot be written or is open to other users.
 */
export function openCache(cache: string, manifest: AssetManifest): string {
  Deno.mkdirSync(cache, { recursive: true, mode: 0o700 });
  refuseOpenFolders(Deno.realPathSync(cache));
  const folder = join(cache, `llamacpp-${manifest.key}`);
  if (findAssetDefect(folder, manifest) === null) return folder;
  removeStale(cache);
  place(unpackAssets(cache, manifest), folder, manifest);
  const defect = findAssetDefect(folder, manifest);
  if (defect !== null) throw new Error(`the fresh copy is damaged: ${defect}`);
  return folder;
}

/** Moves a fresh copy to its place. Another process may have been first: then its copy is as good. */
function place(fresh: string, folder: string, manifest: AssetManifest): void {
  try {
    Deno.renameSync(fresh, folder);
    return;
  } catch {
    // Something is there: the copy of another process, or the damaged one that brought us here.
  }
  if (findAssetDefect(folder, manifest) !== null) {
    const damaged = `${fresh}-damaged`;
    Deno.renameSync(folder, damaged); // what was loaded from it stays loaded
    Deno.renameSync(fresh, folder);
    Deno.removeSync(damaged, { recursive: true });
  } else Deno.removeSync(fresh, { recursive: true });
}

/** Leftovers of processes that were killed while unpacking. */
function removeStale(cache: string): void {
  for (const { name } of Deno.readDirSync(cache)) {
    if (!name.startsWith(UNPACK_PREFIX)) continue;
    const path = join(cache, name);
    const writtenMs = Deno.lstatSync(path).mtime?.getTime() ?? Date.now();
    if (Date.now() - writtenMs > STALE_MS) Deno.removeSync(path, { recursive: true });
  }
}
