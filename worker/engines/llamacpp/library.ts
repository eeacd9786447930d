import { join } from "node:path";
import { WorkerError } from "../../worker_error.ts";
import { findLibraries } from "./find_libraries.ts";
import type { LibraryNames } from "./release.ts";
import { BASE_SYMBOLS, GGML_SYMBOLS, LLAMA_SYMBOLS } from "./symbols.ts";
import { checkStructs, checkVersions, type Versions } from "./version_guard.ts";
import { libraryOfOtherBuild } from "./messages.ts";

/** The opened library. */
export interface Library {
  /** Absolute folder that everything was loaded from. */
  readonly folder: string;
  readonly versions: Versions;
  readonly base: Deno.DynamicLibrary<typeof BASE_SYMBOLS>["symbols"];
  readonly ggml: Deno.DynamicLibrary<typeof GGML_SYMBOLS>["symbols"];
  readonly llama: Deno.DynamicLibrary<typeof LLAMA_SYMBOLS>["symbols"];
}

/**
 * Opens llama.cpp from a folder, once per process, and checks that it is the release we know before any struct
 * crosses. All three libraries are opened by full path, dependencies first: the search path inside them ends in
 * an empty entry, which the loader takes for the current directory.
 */
export function openLibrary(folder: string): Library {
  const names = findLibraries(folder);
  const versions = checkVersions(folder, names);
  const { base, ggml, llama } = open(folder, names);
  checkStructs(llama, folder);
  return { folder, versions, base, ggml, llama };
}

/** True where a library cannot be loaded because its file system forbids execution. */
export function isExecutionRefused(error: unknown): boolean {
  return error instanceof Error && /failed to map segment|Operation not permitted/.test(error.message);
}

function open(folder: string, names: LibraryNames): Pick<Library, "base" | "ggml" | "llama"> {
  try {
    return {
      base: Deno.dlopen(join(folder, names.base), BASE_SYMBOLS).symbols,
      ggml: Deno.dlopen(join(folder, names.ggml), GGML_SYMBOLS).symbols,
      llama: Deno.dlopen(join(folder, names.llama), LLAMA_SYMBOLS).symbols,
    };
  } catch (error) {
    throw new WorkerError(
      "library_mismatch",
      libraryOfOtherBuild(folder, (error as Error).message),
      { cause: error },
    );
  }
}
