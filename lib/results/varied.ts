import { isJsonObject, type Json } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";

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
 * The dotted paths whose value differs between experiments: what a table must show and no more. A section that
 * only some experiments have counts where those that have it differ, or with its own name where they agree.
 */
export function variedPaths(configs: readonly ExperimentConfig[]): string[] {
  const flats = configs.map(flatten);
  const paths = new Set(flats.flatMap((flat) => [...flat.keys()]));
  return [...paths].filter((path) => {
    const values = new Set(
      flats.filter((flat) => flat.has(path)).map((flat) => JSON.stringify(flat.get(path))),
    );
    return values.size > 1;
  });
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
