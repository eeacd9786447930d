import { WorkerError } from "../../worker_error.ts";
import { type AssetFolder, disposeAssets, unpackForRun } from "./assets.ts";
import { isExecutionRefused, type Library, openLibrary } from "./library.ts";
import { namedLibraryFolder } from "./named_library.ts";
import type { EngineRequest } from "./thread_messages.ts";
import { cacheForbidsExecution, noExecutionAnywhere } from "./messages.ts";

/** The library and the folder of our own assets, where the run needs it. */
export interface OpenedLibrary {
  readonly library: Library;
  readonly assets: AssetFolder | null;
}

/** Opens the build that was named, else our own, from a copy for this run where the cache forbids execution. */
export function openConfiguredLibrary({ assignment, assets }: EngineRequest): OpenedLibrary {
  const named = namedLibraryFolder(assignment);
  if (named !== null) return { library: openLibrary(named), assets };
  if (assets === null) throw new Error("The run has no library: nothing was named and nothing unpacked");
  try {
    return { library: openLibrary(assets.path), assets };
  } catch (error) {
    disposeAssets(assets);
    if (!isExecutionRefused(error)) throw error;
    if (assets.excuse !== null) throw refused(error);
    return openFromRunFolder(assignment.run_dir);
  }
}

function openFromRunFolder(runDir: string): OpenedLibrary {
  const assets = unpackForRun(runDir, cacheForbidsExecution());
  try {
    return { library: openLibrary(assets.path), assets };
  } catch (error) {
    disposeAssets(assets);
    throw isExecutionRefused(error) ? refused(error) : error;
  }
}

function refused(cause: unknown): WorkerError {
  return new WorkerError(
    "library_missing",
    noExecutionAnywhere(),
    { cause },
  );
}
