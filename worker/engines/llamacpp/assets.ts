import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { placesForOneRun, placeTrouble } from "../../../lib/base/program_places.ts";
import type { Assignment } from "../../../lib/protocol/assignment.ts";
import { WorkerError } from "../../worker_error.ts";
import { cacheFolder, openCache } from "./asset_cache.ts";
import {
  type AssetManifest,
  assetUrl,
  MANIFEST_FILE,
  readManifest,
  TINY_RANDOM,
  TINY_RANDOM_FILE,
} from "./asset_manifest.ts";
import { namedLibraryFolder } from "./named_library.ts";
import { unpackAssets } from "./unpack_assets.ts";
import { assetsNotBuilt, notUnpackedAnywhere } from "./messages.ts";

/** A folder with our own libraries and tiny-random.gguf, checked. */
export interface AssetFolder {
  readonly path: string;
  /** Why it was made for this run only; null for the usual folder. */
  readonly excuse: string | null;
  /** SHA-256 of tiny-random.gguf: the file itself may be gone when the result is written. */
  readonly tinyRandomSha256: string | null;
}

/**
 * The assets that a run needs, or null. From source that is build/llamacpp itself. The compiled program unpacks its
 * embedded copy once into the user's cache; where no safe cache can be had, into a folder for this run.
 */
export function openAssets(assignment: Assignment): AssetFolder | null {
  const { config, run_dir } = assignment;
  if (namedLibraryFolder(assignment) !== null && config.model !== TINY_RANDOM) return null;
  return openOwnAssets(run_dir);
}

/** Our own libraries; a folder for this run only is made in `run_dir`. Throws where they can be had nowhere. */
export function openOwnAssets(runDir: string): AssetFolder {
  const manifest = requireManifest();
  if (!Deno.build.standalone) {
    return assetFolder(dirname(fileURLToPath(assetUrl(MANIFEST_FILE))), null, manifest);
  }
  try {
    return assetFolder(openCache(cacheFolder(), manifest), null, manifest);
  } catch (error) {
    return unpackForRun(runDir, (error as Error).message);
  }
}

/** A copy for one run, for when the cache cannot serve: in the run's folder, else in a private one for temporary files. */
export function unpackForRun(runDir: string, excuse: string): AssetFolder {
  const manifest = requireManifest();
  const reasons = [excuse];
  for (const place of placesForOneRun(runDir, Deno.env.toObject())) {
    const trouble = placeTrouble(place, { probe: false });
    if (trouble === null) {
      try {
        return assetFolder(unpackAssets(place, manifest), excuse, manifest);
      } catch (error) {
        reasons.push(`${place}: ${(error as Error).message}`);
      }
    } else reasons.push(trouble);
  }
  throw new WorkerError(
    "library_missing",
    notUnpackedAnywhere(reasons.join("; ")),
  );
}

/** Removes a copy that was made for one run. Call it once all is loaded: what is mapped stays. */
export function disposeAssets(assets: AssetFolder | null): void {
  if (assets === null || assets.excuse === null) return;
  try {
    Deno.removeSync(assets.path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function assetFolder(path: string, excuse: string | null, { files }: AssetManifest): AssetFolder {
  const tinyRandomSha256 = files.find(({ name }) => name === TINY_RANDOM_FILE)?.sha256 ?? null;
  return { path, excuse, tinyRandomSha256 };
}

function requireManifest(): AssetManifest {
  const manifest = readManifest();
  if (manifest !== null) return manifest;
  throw new WorkerError(
    "library_missing",
    assetsNotBuilt(),
  );
}
