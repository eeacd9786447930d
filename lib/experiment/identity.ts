import { hash16 } from "../base/canonical_json.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { type ExperimentConfig, experimentSchema, isSynthetic } from "./config.ts";
import { oneSpelling, type Respell, withPathsSpelt } from "./path_spelling.ts";
import { BUILT_IN_MODEL } from "./model_name.ts";
import { type Backend, ENGINE_DECLARATIONS } from "./engines.ts";
import { putPath } from "./put_path.ts";
import { remoteCodeOf } from "./remote_code.ts";
import { draftFor, ownPrecision } from "./sections.ts";
import { hideSecrets } from "./secrets.ts";
import { withNamesSet } from "./worker_variables.ts";
import { type MapShape, mapShapeOf, type Shape, type Slot } from "./shape.ts";

/**
 * The identity of an experiment: 16 hex digits over what it measures. Equal meaning hashes equally: a default counts
 * as absent, a preset as its values, and only the used backend's section is looked at. Because defaults are left out,
 * a field added in a later version does not change the identity of experiments that do not use it; a default, once
 * published, must not change. Whether a model's own code is run is always written out: its default did change, and a run
 * with it must never count as one without. A path counts by what it means, not by its spelling. A value that looks like a
 * secret is left out, its key is not.
 */
export function configHash(config: ExperimentConfig): string {
  return hash16(meaningOf(config));
}

/** The identity of a study's design: the same over the set of its experiments, in whatever order. */
export function designHash(configHashes: Iterable<string>): string {
  return hash16([...new Set(configHashes)].sort());
}

/** What of a configuration makes a difference, and nothing else. */
export function meaningOf(config: ExperimentConfig, respell: Respell = oneSpelling): JsonObject {
  const { precision: _, ...own } = draftFor(config.backend, withNamesSet(hideSecrets(config).config));
  const precision = ownPrecision(config);
  const withOwn = precision === undefined ? own : { ...own, precision };
  const spelt = withOneMeaning(withOwn, config.backend);
  const relevant = isSynthetic(config.dataset) ? withoutPromptLimits(spelt) : spelt;
  const meaning = normaliseMap(
    mapShapeOf(experimentSchema),
    withPathsSpelt(relevant, config.backend, respell),
  );
  const code = remoteCodeOf(config);
  return code === null ? meaning : putPath(meaning, code.path.split("."), code.allowed);
}

/** What the files of an experiment hold, each by a hash of its content; null where that is not known, or there is none. */
export interface KnownContents {
  readonly model: string | null;
  readonly adapter: string | null;
  /** Of the prompts as they were written down for the study. */
  readonly prompts: string | null;
  /** Absolute folder in which the relative paths of the configuration start. */
  readonly base_dir: string;
}

/**
 * By what the runs of several studies are joined: the identity with model, adapter and prompts by what they hold instead of
 * where they lie, so that a study that was moved, or names its model in another way, still joins. Programs and libraries,
 * which may be what is compared, count by their paths, as seen from the study file. Null where a content is not known.
 */
export function joinHash(config: ExperimentConfig, contents: KnownContents): string | null {
  const { models, revision, workload_known } = ENGINE_DECLARATIONS[config.backend];
  const { lora, dataset, model } = config;
  let meaning = meaningOf(config, (path, kind) => oneSpelling(withinFolder(path, contents.base_dir), kind));
  const isContent = models !== "elsewhere" && !(models === "gguf_file" && model === BUILT_IN_MODEL);
  if (isContent) {
    if (contents.model === null) return null;
    meaning = { ...meaning, model: { content: contents.model } };
    if (revision !== null) meaning = putPath(meaning, revision.split("."), undefined);
  }
  if (models === "hub" && lora !== null) {
    if (contents.adapter === null) return null;
    meaning = { ...meaning, lora: { content: contents.adapter, merge_weights: lora.merge_weights } };
  }
  if (isSynthetic(dataset)) return hash16(meaning);
  if (contents.prompts === null && (workload_known || typeof dataset !== "string")) return null;
  return hash16(contents.prompts === null ? meaning : { ...meaning, dataset: { content: contents.prompts } });
}

/** A path below a folder as seen from it; any other as it is. */
function withinFolder(path: string, folder: string): string {
  return path.startsWith(`${folder}/`) ? `./${path.slice(folder.length + 1)}` : path;
}

/** The configuration with what its engine lets be written in two ways written in one. */
function withOneMeaning(config: JsonObject, backend: Backend): JsonObject {
  const section = config[backend];
  const { meaning } = ENGINE_DECLARATIONS[backend];
  return meaning === null || !isJsonObject(section) ? config : { ...config, [backend]: meaning(section) };
}

/** Synthetic prompts bring their own number and lengths. */
function withoutPromptLimits(config: JsonObject): JsonObject {
  const { n: _n, max_input_tokens: _input, max_output_tokens: _output, ...rest } = config;
  return rest;
}

function normaliseMap(shape: MapShape, value: JsonObject): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, part] of Object.entries(value)) {
    const slot = shape.keys.get(key);
    const normal = slot === undefined ? freeValue(part) : normalise(slot, part);
    if (normal !== undefined) kept[key] = normal;
  }
  return kept;
}

/** A value as it counts, or undefined where it says no more than its absence. */
function normalise(slot: Slot, value: Json | undefined): Json | undefined {
  const { shape, fallback, notes } = slot;
  if (value === undefined || notes.outsideIdentity === true) return undefined;
  if (value === null) return fallback === null || fallback === undefined ? undefined : null;
  if (notes.libraryDefault !== undefined && value === notes.libraryDefault) return undefined;
  const normal = normaliseShape(shape, value);
  if (isEqual(normal, fallback)) return undefined;
  if (isJsonObject(normal) && Object.keys(normal).length === 0) {
    // Nothing but defaults in it. For a nullable section that is as much as none, unless its presence means something.
    return notes.presenceMatters === true ? normal : undefined;
  }
  return normal;
}

function normaliseShape(shape: Shape, value: Json): Json {
  if (shape.kind === "map" && isJsonObject(value)) return normaliseMap(shape, value);
  if (shape.kind === "either" && isJsonObject(value)) {
    const form = shape.options.map((option) => option.shape).find((option) => isForm(option, value));
    if (form !== undefined) return normaliseShape(form, value);
  }
  return freeValue(value) ?? null;
}

function isForm(shape: Shape, value: JsonObject): boolean {
  return shape.kind === "map" && Object.keys(value).every((key) => shape.keys.has(key));
}

/** A value that no declaration describes, made fit for hashing whatever it holds. */
function freeValue(value: Json | undefined): Json | undefined {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map((item) => freeValue(item) ?? null);
  if (!isJsonObject(value)) return value;
  const parts = Object.entries(value).map(([key, part]) => [key.toWellFormed(), freeValue(part)]);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function isEqual(one: Json, other: Json | undefined): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
}
