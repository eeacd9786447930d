import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { WorkerError } from "../../worker_error.ts";
import { type AssetManifest, assetUrl, MANIFEST_FILE, readManifest } from "./asset_manifest.ts";
import { cacheFolder, openCache } from "./asset_cache.ts";
import { unpackAssets } from "./unpack_assets.ts";

/** A folder with the libraries and tiny-random.gguf, ready to be loaded from. */
export interface AssetFolder {
  readonly path: string;
  /** Why this is not the usual folder; null where it is. */
  readonly excuse: string | null;
  /** Removes the folder where it was made for this run only. What is loaded stays loaded. */
  dispose(): void;
}

/**
 * The folders to load from, best first; the caller takes the first that works. From source that is build/llamacpp
 * itself. The compiled program unpacks its embedded copy once into the user's cache; where there is no safe cache,
 * or it forbids execution, it unpacks one into the run's folder, to be disposed of as soon as all is loaded.
 */
export function* assetFolders(runDir: string): Generator<AssetFolder> {
  const manifest = readManifest();
  if (manifest === null) throw notMade();
  if (!Deno.build.standalone) {
    yield { path: dirname(fileURLToPath(assetUrl(MANIFEST_FILE))), excuse: null, dispose() {} };
    return;
  }
  let excuse: string;
  try {
    yield { path: openCache(cacheFolder(), manifest), excuse: null, dispose() {} };
    excuse = "the cache forbids execution";
  } catch (error) {
    excuse = (error as Error).message;
  }
  yield runFolder(runDir, manifest, excuse);
}

function runFolder(runDir: string, manifest: AssetManifest, excuse: string): AssetFolder {
  const path = unpackAssets(runDir, manifest);
  return { path, excuse, dispose: () => Deno.removeSync(path, { recursive: true }) };
}

function notMade(): WorkerError {
  return new WorkerError(
    "library_missing",
    "Cannot load llama.cpp: build/llamacpp has no manifest.json. Make it with scripts/llamacpp_assets.ts.",
  );
}
