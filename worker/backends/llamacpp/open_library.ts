import { resolve } from "node:path";
import type { Assignment } from "../../../lib/protocol/assignment.ts";
import { WorkerError } from "../../worker_error.ts";
import { type AssetFolder, assetFolders } from "./assets.ts";
import { isExecutionRefused, type Library, openLibrary } from "./library.ts";

/** The library and the folder of our own assets, where that was opened. */
export interface OpenedLibrary {
  readonly library: Library;
  readonly assets: AssetFolder | null;
}

/** Opens the build that the study names, else the one of LLEM_LLAMACPP_DIR, else our own. */
export function openConfiguredLibrary(assignment: Assignment): OpenedLibrary {
  const named = assignment.config.llamacpp?.library_dir ?? Deno.env.get("LLEM_LLAMACPP_DIR") ?? "";
  if (named !== "") return { library: openLibrary(resolve(assignment.base_dir, named)), assets: null };
  let refusal: unknown = null;
  for (const assets of assetFolders(assignment.run_dir)) {
    try {
      return { library: openLibrary(assets.path), assets };
    } catch (error) {
      assets.dispose();
      if (!isExecutionRefused(error)) throw error;
      refusal = error;
    }
  }
  throw new WorkerError(
    "library_missing",
    "Cannot load llama.cpp: neither the cache nor the run's folder may hold programs (mounted noexec). " +
      "Set XDG_CACHE_HOME to a folder on a file system that allows execution.",
    { cause: refusal },
  );
}

/** The folder of our own assets for `tiny-random`, also where the library came from elsewhere. */
export function openAssets(opened: OpenedLibrary, runDir: string): AssetFolder {
  if (opened.assets !== null) return opened.assets;
  for (const assets of assetFolders(runDir)) return assets;
  throw new Error("No asset folder");
}
