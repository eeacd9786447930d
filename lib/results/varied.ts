import { isJsonObject, type Json } from "../base/json.ts";
import { type ExperimentConfig, isSynthetic } from "../experiment/config.ts";
import { type Backend, BACKENDS } from "../experiment/engines.ts";
import { readKeys } from "../experiment/read_path.ts";

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
  return variedPlaces(configs).map(({ path }) => path);
}

/** Where experiments differ; the keys of a path may hold dots. */
function variedPlaces(configs: readonly ExperimentConfig[]): Omit<Leaf, "place">[] {
  const root: Place = newPlace();
  for (const config of configs) {
    for (const [key, value] of Object.entries(config)) {
      if (concerns(key, config.backend)) note(placeAt(root, key), value as unknown as Json);
      else placeAt(root, key);
    }
  }
  const backends = configs.map(({ backend }) => backend);
  const counts = new Map(
    [...Map.groupBy(backends, (backend) => backend)].map(([name, all]) => [name, all.length]),
  );
  const varied = [...leaves(root, [])].filter(({ path, place: { first, varies, count } }) => {
    if (varies || first === undefined) return varies;
    const concerned = [...counts].filter(([backend]) => concerns(path, backend));
    return count < concerned.reduce((sum, [, own]) => sum + own, 0) && !isNothing(first);
  });
  return varied.some(({ path }) => path === "n") && configs.every(hasOneCount)
    ? varied.filter(({ path }) => path !== "dataset.n")
    : varied;
}

/** What experiments have at one path. A study of 10,000 looks there as often, so that no path is written out before the end. */
interface Place {
  readonly below: Map<string, Place>;
  /** The first value that an experiment had here; undefined where all had a mapping with entries. */
  first: Json | undefined;
  varies: boolean;
  /** Experiments that have a value here. */
  count: number;
}

function newPlace(): Place {
  return { below: new Map(), first: undefined, varies: false, count: 0 };
}

function placeAt({ below }: Place, key: string): Place {
  const known = below.get(key);
  if (known !== undefined) return known;
  const place = newPlace();
  below.set(key, place);
  return place;
}

function note(place: Place, value: Json): void {
  if (isJsonObject(value)) {
    const keys = Object.keys(value);
    for (const key of keys) note(placeAt(place, key), value[key] ?? null);
    if (keys.length > 0) return;
  }
  place.first = place.first === undefined ? value : place.first;
  place.varies ||= value !== place.first && comparable(value) !== comparable(place.first);
  place.count += 1;
}

/** A place at which an experiment has a value. */
interface Leaf {
  readonly path: string;
  readonly keys: readonly string[];
  readonly place: Place;
}

/** All of them, a mapping's together, in the order in which they were met. */
function* leaves({ below }: Place, above: readonly string[]): Generator<Leaf> {
  for (const [key, place] of below) {
    const keys = [...above, key];
    if (place.first !== undefined) yield { path: keys.join("."), keys, place };
    yield* leaves(place, keys);
  }
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
  const places = variedPlaces(configs);
  // All runs of an experiment have the same configuration, which never changes.
  const known = new WeakMap<ExperimentConfig, VariedValues>();
  return (config) => {
    const values = known.get(config) ?? valuesAt(config, places);
    known.set(config, values);
    return values;
  };
}

function valuesAt(config: ExperimentConfig, places: readonly Pick<Leaf, "path" | "keys">[]): VariedValues {
  return Object.fromEntries(places.flatMap(({ path, keys }) => {
    const value = readKeys(config, keys);
    return value === undefined || isJsonObject(value) && Object.keys(value).length > 0 ? [] : [[path, value]];
  }));
}

function concerns(path: string, backend: Backend): boolean {
  const [section] = path.split(".", 1);
  return section === backend || !BACKENDS.some((other) => other === section);
}

/** Compares equal where a table would show the same. */
function comparable(value: Json): string {
  return isNothing(value) ? "null" : JSON.stringify(value);
}

function isNothing(value: Json): boolean {
  return value === null || isJsonObject(value) && Object.keys(value).length === 0;
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
