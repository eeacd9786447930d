import { join } from "node:path";
import { WorkerError } from "../../worker_error.ts";
import { findElfDefect } from "./elf_defect.ts";
import { KNOWN_BUILDS, type LibraryNames, RELEASE } from "./release.ts";
import {
  libraryFileDefective,
  libraryFilesMissing,
  libraryFolderUnreadable,
  libraryOfOtherRelease,
} from "./messages.ts";

/** The file names of the build in a folder; throws where files are missing or are of another release. */
export function findLibraries(folder: string): LibraryNames {
  const present = listFiles(folder);
  const complete = KNOWN_BUILDS.find((build) => missingOf(build, present).length === 0);
  if (complete !== undefined) return requireWhole(folder, complete);
  // The build that has its libllama is the one that was meant.
  const meant = KNOWN_BUILDS.find(({ llama }) => present.has(llama));
  if (meant === undefined) refuseOtherRelease(folder, present);
  const missing = missingOf(meant ?? KNOWN_BUILDS[0], present);
  throw new WorkerError(
    "library_missing",
    libraryFilesMissing(RELEASE.name, folder, missing.join(", ")),
  );
}

function missingOf(build: LibraryNames | undefined, present: ReadonlySet<string>): string[] {
  return Object.values(build ?? {}).filter((name) => !present.has(name));
}

function requireWhole(folder: string, build: LibraryNames): LibraryNames {
  for (const name of Object.values(build)) {
    const defect = findElfDefect(join(folder, name));
    if (defect === null) continue;
    throw new WorkerError("library_missing", libraryFileDefective(join(folder, name), defect));
  }
  return build;
}

function refuseOtherRelease(folder: string, present: ReadonlySet<string>): void {
  const others = [...present].filter((name) =>
    /^libllama.*\.so(\.|$)/.test(name) && !name.includes("common")
  );
  if (others.length === 0) return;
  throw new WorkerError(
    "library_mismatch",
    libraryOfOtherRelease(join(folder, others[0] ?? ""), RELEASE.name),
  );
}

function listFiles(folder: string): ReadonlySet<string> {
  try {
    return new Set([...Deno.readDirSync(folder)].map(({ name }) => name));
  } catch (error) {
    throw new WorkerError(
      "library_missing",
      libraryFolderUnreadable(RELEASE.name, folder, (error as Error).message),
      { cause: error },
    );
  }
}
