import { join } from "node:path";
import { WorkerError } from "../../worker_error.ts";
import { type Bytes, fromCString } from "./c_text.ts";
import { type LibraryNames, RELEASE } from "./release.ts";
import { CONTEXT_DEFAULTS, CONTEXT_PARAMS_AT } from "./structs.ts";
import { libraryMismatch, libraryNotLoadable, structsDiffer, versionUnknown } from "./messages.ts";

/** The versions that the loaded library reports. */
export interface Versions {
  readonly llama_cpp: string;
  readonly ggml: string;
  readonly ggml_commit: string;
}

/** Asks the libraries for their versions, through functions that take no struct, and refuses another release. */
export function checkVersions(folder: string, names: LibraryNames): Versions {
  const found = readVersions(folder, names);
  const wrong = (Object.keys(found) as (keyof Versions)[]).some((key) => found[key] !== RELEASE[key]);
  if (wrong) throw mismatch(folder, `it is ${describe(found)}`);
  return found;
}

/** What hands us the struct that is looked at. */
export interface StructSource {
  llama_context_default_params(): Uint8Array;
}

/** Refuses a library whose default parameters are not where this program would read and write them. */
export function checkStructs(library: StructSource, folder: string): void {
  const params = library.llama_context_default_params() as Bytes;
  const view = new DataView(params.buffer);
  const defaults = Object.entries(CONTEXT_DEFAULTS) as [keyof typeof CONTEXT_DEFAULTS, number][];
  const odd = defaults.filter(([field, value]) => view.getInt32(CONTEXT_PARAMS_AT[field], true) !== value);
  if (odd.length === 0) return;
  throw mismatch(folder, structsDiffer(odd.map(([field]) => field).join(", ")));
}

function readVersions(folder: string, names: LibraryNames): Versions {
  const text = { parameters: [], result: "pointer" } as const;
  try {
    const base = Deno.dlopen(join(folder, names.base), { ggml_version: text, ggml_commit: text }).symbols;
    Deno.dlopen(join(folder, names.ggml), {}); // loaded by full path before libllama asks for it by name
    const llama = Deno.dlopen(join(folder, names.llama), { llama_version: text }).symbols;
    return {
      llama_cpp: fromCString(llama.llama_version()),
      ggml: fromCString(base.ggml_version()),
      ggml_commit: fromCString(base.ggml_commit()),
    };
  } catch (error) {
    throw cannotLoad(folder, error as Error);
  }
}

function cannotLoad(folder: string, error: Error): WorkerError {
  // A release without these functions is older than the first that could be checked.
  if (error.message.includes("register symbol")) {
    return mismatch(folder, versionUnknown(error.message));
  }
  return new WorkerError(
    "library_missing",
    libraryNotLoadable(RELEASE.name, folder, error.message),
    { cause: error },
  );
}

function mismatch(folder: string, found: string): WorkerError {
  return new WorkerError(
    "library_mismatch",
    libraryMismatch(folder, found, describe(RELEASE)),
  );
}

function describe(versions: Versions): string {
  return `llama.cpp ${versions.llama_cpp} with ggml ${versions.ggml} (${versions.ggml_commit})`;
}
