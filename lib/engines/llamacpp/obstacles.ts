import { resolve } from "node:path";
import { expandHome } from "../../base/expand_home.ts";
import { isFolder, namesIn } from "../../base/files.ts";
import { isNoexec } from "../../base/mounts.ts";
import { placesForOneRun, placeTrouble } from "../../base/program_places.ts";
import { userCacheFolder } from "../../base/user_cache_folder.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { readSystemLibraries } from "../../host/system_libraries.ts";
import type { WorkPlace } from "../engine.ts";
import {
  engineProblem,
  libraryFolderTrouble,
  libraryRefused,
  newerSystemAdvice,
  noCacheFolder,
  noGpuInEngine,
  noPlaceForLibraries,
  runsOnCpuOnly,
} from "../messages.ts";
import { libraryFloorProblem } from "./library_floor.ts";
import { namedLibrary } from "./named_library.ts";

/** What keeps the engine from running these configurations here, as far as files tell. With `probe` places are written to. */
export function llamacppObstacles(
  configs: readonly ExperimentConfig[],
  place: WorkPlace,
  probe: boolean,
): string[] {
  const { own, named } = libraries(configs, place);
  const problems = [...named].map(folderProblem).filter((problem) => problem !== null);
  if (own.length === 0) return problems;
  return [
    ...problems,
    ...[floorProblem(place), placeProblem(place, probe)].filter((problem) => problem !== null),
    ...gpuWishes(own).filter((layers) => layers > 0).map(noGpuInEngine),
  ];
}

/**
 * The same from a trial: a build that the study names is loaded in a process of its own, which tells another release by
 * name; so is the embedded one where this user's cache does not hold it yet.
 */
export async function tryLlamacpp(
  configs: readonly ExperimentConfig[],
  place: WorkPlace,
): Promise<string[]> {
  const problems = llamacppObstacles(configs, place, true);
  if (problems.length > 0) return problems;
  const { own, named } = libraries(configs, place);
  const folders: readonly (string | null)[] = [...named, ...own.length > 0 && isNew(place) ? [null] : []];
  if (folders.length === 0) return [];
  const { checkLibrary } = await import("./check.ts");
  for (const folder of folders) {
    const answer = await checkLibrary(folder, place.results);
    if ("trouble" in answer) problems.push(libraryRefused(answer.trouble));
  }
  return problems;
}

/** What a user should know before runs that the engine can make. */
export function llamacppAdvice(
  configs: readonly ExperimentConfig[],
  place: WorkPlace,
  has_gpu: boolean,
): string[] {
  const { own } = libraries(configs, place);
  return has_gpu && gpuWishes(own).length > 0 ? [runsOnCpuOnly()] : [];
}

/** The configurations that use the embedded library, and the folders that the others name, absolute. */
function libraries(
  configs: readonly ExperimentConfig[],
  { env, base_dir }: WorkPlace,
): { readonly own: readonly ExperimentConfig[]; readonly named: ReadonlySet<string> } {
  const named = configs.map((config) => namedLibrary(config, env));
  return {
    own: configs.filter((_, index) => named[index] === ""),
    named: new Set(
      named.filter((name) => name !== "").map((name) => resolve(base_dir, expandHome(name, env))),
    ),
  };
}

/** The numbers of layers that configurations want on a GPU: -1 is as many as can be. */
function gpuWishes(configs: readonly ExperimentConfig[]): number[] {
  const wishes = configs.map(({ llamacpp }) => llamacpp?.n_gpu_layers ?? 0);
  return [...new Set(wishes)].filter((layers) => layers !== 0);
}

function folderProblem(folder: string): string | null {
  if (!isFolder(folder)) return libraryFolderTrouble(folder, "missing");
  return isNoexec(folder) ? libraryFolderTrouble(folder, "noexec") : null;
}

function floorProblem({ env }: WorkPlace): string | null {
  const trouble = libraryFloorProblem(readSystemLibraries(env));
  return trouble === null ? null : engineProblem(trouble, newerSystemAdvice());
}

/** Null where the libraries can be unpacked somewhere: the same places in the same order as the worker's. */
function placeProblem({ env, results }: WorkPlace, probe: boolean): string | null {
  const cache = userCacheFolder(env);
  const troubles = cache === null ? [noCacheFolder()] : [];
  for (const folder of [...cache === null ? [] : [cache], ...placesForOneRun(results, env)]) {
    const trouble = placeTrouble(folder, { probe });
    if (trouble === null) return null;
    troubles.push(trouble);
  }
  return noPlaceForLibraries([...new Set(troubles)]);
}

/** True where the cache holds no copy, so that nothing has been loaded from one. From source there is none to make. */
function isNew({ env }: WorkPlace): boolean {
  if (!Deno.build.standalone) return false;
  const cache = userCacheFolder(env);
  return cache === null || !namesIn(cache).some((name) => name.startsWith("llamacpp-"));
}
