import type { JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "./config.ts";
import { type SearchedLoad, searchedLoads } from "./engine_declaration.ts";
import { SERVER_FIELDS } from "./engines.ts";
import { configHash } from "./identity.ts";
import { putPath } from "./put_path.ts";
import { readPath } from "./read_path.ts";

/** The fields that a search for the highest load may be over, of all engines. */
export const SEARCHED_LOADS: readonly SearchedLoad[] = SERVER_FIELDS.flatMap(searchedLoads);

/** True where such a field takes whole numbers. */
export function isWholeLoad(path: string): boolean {
  return SEARCHED_LOADS.some((load) => load.path === path && load.whole);
}

/** The load of an experiment at a dotted path; null where it has none there. */
export function loadAt(config: ExperimentConfig, path: string): number | null {
  const value = readPath(config as JsonObject, path);
  return typeof value === "number" ? value : null;
}

/** The same experiment under another load. */
export function withLoad(config: ExperimentConfig, path: string, load: number): ExperimentConfig {
  return putPath(config as JsonObject, path.split("."), load) as ExperimentConfig;
}

/** What all probes of one experiment have in common: the hash of the first one. */
export function firstProbeHash(
  config: ExperimentConfig,
  { over, from }: { readonly over: string; readonly from: number },
): string {
  return configHash(withLoad(config, over, from));
}
