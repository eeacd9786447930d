import { isJsonObject, type Json } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { BACKENDS } from "../experiment/engines.ts";

/** A configuration as flat dotted paths; lists and empty mappings are values. */
export function flatten(config: ExperimentConfig): Map<string, Json> {
  const flat = new Map<string, Json>();
  const visit = (value: Json, path: string): void => {
    if (!isJsonObject(value) || Object.keys(value).length === 0) {
      flat.set(path, value);
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      visit(member ?? null, path === "" ? key : `${path}.${key}`);
    }
  };
  visit(config as unknown as Json, "");
  return flat;
}

/**
 * The dotted paths whose value differs between experiments: what a table must show and no more. A value that an
 * experiment does not have counts like null, but the sections of other backends do not concern it.
 */
export function variedPaths(configs: readonly ExperimentConfig[]): string[] {
  const flats = configs.map((config) => ({ config, flat: flatten(config) }));
  const paths = new Set(flats.flatMap(({ flat }) => [...flat.keys()]));
  return [...paths].filter((path) => {
    const concerned = flats.filter(({ config }) => concerns(path, config));
    return new Set(concerned.map(({ flat }) => comparable(flat.get(path)))).size > 1;
  });
}

function concerns(path: string, config: ExperimentConfig): boolean {
  const [section] = path.split(".", 1);
  return section === config.backend || !BACKENDS.some((backend) => backend === section);
}

function comparable(value: Json | undefined): string {
  const isNothing = value === undefined || isJsonObject(value) && Object.keys(value).length === 0;
  return isNothing ? "null" : JSON.stringify(value);
}

/** The configurations of runs, each experiment's once, in the order of their first run. */
export function distinctConfigs(
  runs: readonly { readonly config_hash: string; readonly config: ExperimentConfig }[],
): ExperimentConfig[] {
  return [...new Map(runs.map((run) => [run.config_hash, run.config])).values()];
}

/** One cell of such a column: a word or number as it is, anything else as JSON, nothing where the path is absent. */
export function cell(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
