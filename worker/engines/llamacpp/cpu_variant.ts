import { join } from "node:path";
import { WorkerError } from "../../worker_error.ts";
import { toCString } from "./c_text.ts";
import { findElfDefect } from "./elf_defect.ts";
import type { Library } from "./library.ts";
import { noCpuLibraryRuns } from "./messages.ts";

const CPU_LIBRARY = /^libggml-cpu(?:-([a-z0-9_]+))?\.so$/;

/**
 * Loads the CPU kernels that suit this processor best and says which they are, such as `zen4`. Every variant
 * scores itself; 0 means that it cannot run here. Null where the build has its kernels linked in.
 */
export function loadCpuVariant(library: Library): string | null {
  const files = [...Deno.readDirSync(library.folder)].map(({ name }) => name).filter((name) =>
    CPU_LIBRARY.test(name)
  );
  if (files.length === 0) return null;
  const ranked = files.map((name) => ({ name, score: scoreOf(join(library.folder, name)) }))
    .filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
  for (const { name } of ranked) {
    if (library.ggml.ggml_backend_load(toCString(join(library.folder, name))) !== null) {
      return CPU_LIBRARY.exec(name)?.[1] ?? "cpu";
    }
  }
  throw new WorkerError(
    "library_missing",
    noCpuLibraryRuns(library.folder, files.length),
  );
}

/** 0 for a library that does not load or cannot run here; a build for one processor only has no score. */
function scoreOf(path: string): number {
  if (findElfDefect(path) !== null) return 0;
  try {
    const library = Deno.dlopen(path, {
      ggml_backend_score: { parameters: [], result: "i32", optional: true },
    });
    const score = library.symbols.ggml_backend_score?.() ?? 1;
    library.close();
    return score;
  } catch {
    return 0;
  }
}
