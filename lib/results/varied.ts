import { isJsonObject, type Json } from "../base/json.ts";
import { type ExperimentConfig, isSynthetic } from "../experiment/config.ts";
import { type Backend, BACKENDS } from "../experiment/engines.ts";

/** A configuration as flat dotted paths; lists and empty mappings are values. */
export function flatten(config: ExperimentConfig): Map<string, Json> {
  const flat = new Map<string, Json>();
  for (const [key, value] of Object.entries(config)) flattenInto(flat, value as unknown as Json, key);
  return flat;
}

function flattenInto(flat: Map<string, Json>, value: Json, path: string): void {
  if (!isJsonObject(value)) {
    flat.set(path, value);
    return;
  }
  const keys = Object.keys(value);
  if (keys.length === 0) flat.set(path, value);
  for (const key of keys) flattenInto(flat, value[key] ?? null, `${path}.${key}`);
}

/**
 * The dotted paths whose value differs between experiments: what a table must show and no more. A value that an
 * experiment does not have counts like null, but the sections of other backends do not concern it.
 */
export function variedPaths(configs: readonly ExperimentConfig[]): string[] {
  const found = new Map<string, { first: string | null; varies: boolean; count: number }>();
  for (const config of configs) {
    for (const [path, value] of flatten(config)) {
      const about = found.get(path) ?? { first: null, varies: false, count: 0 };
      found.set(path, about);
      if (about.varies || !concerns(path, config.backend)) continue;
      const here = comparable(value);
      about.first ??= here;
      about.varies = here !== about.first;
      about.count += 1;
    }
  }
  const backends = configs.map(({ backend }) => backend);
  const counts = new Map(
    [...Map.groupBy(backends, (backend) => backend)].map(([name, all]) => [name, all.length]),
  );
  const varied = [...found].filter(([path, { first, varies, count }]) => {
    if (varies || first === null) return varies;
    const concerned = [...counts].filter(([backend]) => concerns(path, backend));
    return count < concerned.reduce((sum, [, own]) => sum + own, 0) && first !== comparable(undefined);
  }).map(([path]) => path);
  return varied.includes("n") && configs.every(hasOneCount)
    ? varied.filter((path) => path !== "dataset.n")
    : varied;
}

/** The number of prompts of a synthetic dataset stands in two places; one column tells it where they agree. */
function hasOneCount({ n, dataset }: ExperimentConfig): boolean {
  return !isSynthetic(dataset) || dataset.n === n;
}

/** The values that tell an experiment from the others of its study, by dotted path, as the study file names them. */
export type VariedValues = Readonly<Record<string, Json>>;

/** Prepares, once for a study, the reading of what varies between its experiments; `configs` are those of all of them. */
export function variedReader(
  configs: readonly ExperimentConfig[],
): (config: ExperimentConfig) => VariedValues {
  const paths = variedPaths(configs);
  // All runs of an experiment have the same configuration, which never changes.
  const known = new WeakMap<ExperimentConfig, VariedValues>();
  return (config) => {
    const values = known.get(config) ?? valuesAt(config, paths);
    known.set(config, values);
    return values;
  };
}

function valuesAt(config: ExperimentConfig, paths: readonly string[]): VariedValues {
  const flat = flatten(config);
  return Object.fromEntries(paths.flatMap((path) => flat.has(path) ? [[path, flat.get(path) ?? null]] : []));
}

function concerns(path: string, backend: Backend): boolean {
  const [section] = path.split(".", 1);
  return section === backend || !BACKENDS.some((other) => other === section);
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
