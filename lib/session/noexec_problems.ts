import { pathFrom } from "../base/expand_home.ts";
import { isNoexec } from "../base/mounts.ts";
import { userCacheFolder } from "../base/user_cache_folder.ts";
import { ENGINES } from "../engines/engines.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { workerFolder } from "../host/self_program.ts";

/**
 * Why what workers load could not be loaded from where it lies or is to lie (mounted noexec), a sentence each; empty where
 * nothing is in the way. No run could do without it, so it is looked at before the first one.
 */
export function noexecProblems(
  configs: readonly ExperimentConfig[],
  { results, base_dir }: {
    /** Absolute folder of the study's results; it need not be there yet. */
    readonly results: string;
    /** Absolute folder of the study file. */
    readonly base_dir: string;
  },
  env: Readonly<Record<string, string>>,
): string[] {
  const folders = new Set(configs.map((config) => {
    const { worker } = ENGINES[config.backend];
    return worker !== null && "programs" in worker ? worker.programs?.(config, env) : undefined;
  }));
  const named = [...folders].filter((folder) => typeof folder === "string").map((folder) =>
    pathFrom(base_dir, folder, env)
  );
  const problems = named.filter(isNoexec).map((folder) =>
    `${folder} is on a file system mounted noexec, from which no library can be loaded. Move it to another one.`
  );
  if (folders.has(null) && workerFolder(results, userCacheFolder(env)) === null) {
    problems.push(noPlaceText(results));
  }
  return problems;
}

function noPlaceText(results: string): string {
  return `Libraries have to be unpacked, and no program may be started from ${results} (mounted noexec), nor can one be put into ` +
    "the user's cache. Choose another folder for results with -o, or set XDG_CACHE_HOME to a folder that only you can write " +
    "to and that allows execution.";
}
