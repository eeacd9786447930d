import { resolve } from "node:path";
import { nearestThere } from "../../base/files.ts";
import { hasGpu } from "../../host/environment.ts";
import { readSystemLibraries } from "../../host/system_libraries.ts";
import { answerOf, askWorker, troubleOf, type WorkerAnswer } from "../ask_worker.ts";
import type { EngineCheck } from "../engine.ts";
import {
  engineLoads,
  gpuBuildAdvice,
  gpuLibraryTrouble,
  librariesDoNotLoad,
  newerSystemAdvice,
  otherBuildAdvice,
  unpackedForEveryRun,
  unpackElsewhereAdvice,
  unsetLibraryAdvice,
} from "../messages.ts";
import { libraryFloorProblem } from "./library_floor.ts";

type Env = Readonly<Record<string, string>>;

/** Whether the engine runs here: it is loaded by a worker of its own, as a run with results in that folder would load it. */
export async function checkLlamacpp(env: Env, results: string): Promise<EngineCheck> {
  const { LLEM_LLAMACPP_DIR: named = "" } = env;
  // Before it is tried: the loader's message names no remedy.
  const old = named === "" ? libraryFloorProblem(readSystemLibraries(env)) : null;
  if (old !== null) return { status: "broken", detail: old, remedy: newerSystemAdvice() };
  return judgeAnswer(await load(named === "" ? null : resolve(named), results), {
    has_gpu: hasGpu(),
    is_named: named !== "",
  });
}

/** The check of the engine from what its worker printed. */
export function judgeAnswer(
  answer: WorkerAnswer,
  { has_gpu = false, is_named = false }: {
    readonly has_gpu?: boolean;
    /** LLEM_LLAMACPP_DIR names the build that was loaded. */
    readonly is_named?: boolean;
  } = {},
): EngineCheck {
  const library = readAnswer(answer);
  if ("trouble" in library) {
    return { status: "broken", detail: library.trouble, remedy: brokenRemedy(library.trouble, is_named) };
  }
  const { excuse, gpu_problem, gpus } = library;
  const detail = [
    engineLoads(library.release, library),
    ...gpu_problem === null ? [] : [gpuLibraryTrouble(gpu_problem)],
    ...excuse === null ? [] : [unpackedForEveryRun(excuse)],
  ].join("; ");
  if (excuse !== null) return { status: "warning", detail, remedy: unpackElsewhereAdvice() };
  if (gpu_problem !== null) return { status: "warning", detail, remedy: null };
  const lacksGpu = has_gpu && gpus.length === 0;
  return { status: lacksGpu ? "warning" : "ok", detail, remedy: lacksGpu ? gpuBuildAdvice() : null };
}

/** What to do about an engine that does not load, by what it says. */
function brokenRemedy(trouble: string, isNamed: boolean): string {
  if (isNamed) return unsetLibraryAdvice();
  return /unpack|space|permission|noexec|XDG_CACHE_HOME/i.test(trouble)
    ? unpackElsewhereAdvice()
    : otherBuildAdvice();
}

/** A library that was loaded for a look, or why it was not: a sentence with what to do. */
export type LibraryAnswer = LoadedLibrary | { readonly trouble: string };

interface LoadedLibrary {
  readonly release: string;
  /** Why it was unpacked for this look alone; null for the usual place, or a build that was named. */
  readonly excuse: string | null;
  /** Null for the embedded build. */
  readonly folder: string | null;
  /** The CPU kernels, such as `haswell`. */
  readonly cpu: string | null;
  readonly gpus: readonly string[];
  /** Why a GPU library that is there brought no device. */
  readonly gpu_problem: string | null;
}

/** Loads the build in a folder, absolute, or the embedded one (null), in a process of its own. */
export async function checkLibrary(folder: string | null, results: string | null): Promise<LibraryAnswer> {
  return readAnswer(await load(folder, results));
}

function readAnswer(said: WorkerAnswer): LibraryAnswer {
  const answer = answerOf(said);
  if (said.success && typeof answer?.release === "string") {
    const text = (value: unknown): string | null => typeof value === "string" ? value : null;
    const gpus = Array.isArray(answer.gpus) ? answer.gpus.filter((gpu) => typeof gpu === "string") : [];
    return {
      release: answer.release,
      excuse: text(answer.excuse),
      folder: text(answer.folder),
      cpu: text(answer.cpu),
      gpus,
      gpu_problem: text(answer.gpu_problem),
    };
  }
  return { trouble: troubleOf(said) || librariesDoNotLoad() };
}

/** Loads it in a process of its own, as a run with results in that folder would load it. */
function load(folder: string | null, results: string | null): Promise<WorkerAnswer> {
  return askWorker("llamacpp", [], {
    LLEM_LLAMACPP_DIR: folder ?? "",
    LLEM_RUN_DIR: results === null ? "" : nearestThere(results),
    GGML_NO_BACKTRACE: "1",
  });
}
