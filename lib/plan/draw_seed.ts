import { sha256Hex } from "../base/canonical_json.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { type ExperimentConfig, experimentSchema, isSynthetic, SESSION_KEYS } from "../experiment/config.ts";
import type { EngineDeclaration } from "../experiment/engine_declaration.ts";
import { type Backend, BACKENDS, ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import { pythonJson } from "../experiment/python_json.ts";
import { putPath } from "../experiment/put_path.ts";
import { readPath } from "../experiment/read_path.ts";
import { SECTION_OWNERS } from "../experiment/sections.ts";
import { mapShapeOf } from "../experiment/shape.ts";

/** What llenergymeasure knows of a backend, as its declaration says it; null where it has no such backend. */
const upstreamOf = (backend: Backend): EngineDeclaration["upstream"] => ENGINE_DECLARATIONS[backend].upstream;
const SHARED_BACKENDS: readonly string[] = BACKENDS.filter((backend) => upstreamOf(backend) !== null);
/** Fields of an experiment that it does not know. */
const FIELDS_OF_OURS: ReadonlySet<string> = new Set([
  "measure",
  "parallel",
  ...[...SECTION_OWNERS].filter(([, owner]) => upstreamOf(owner) === null).map(([field]) => field),
]);
/** Keys that it does not know, by the section that has them. */
const KEYS_OF_OURS: ReadonlyMap<string, readonly string[]> = new Map(
  BACKENDS.map((backend) => [backend, upstreamOf(backend)?.keys_of_ours ?? []]),
);
const SESSION_KEY_NAMES: ReadonlySet<string> = new Set(SESSION_KEYS);

/**
 * The seed of a shuffle that the study leaves open: the low 32 bits of a hash of its design, so that a design always
 * runs in the same order. A study that llenergymeasure can run too is hashed its way, so that the file runs in the same
 * order there and here.
 */
export function drawSeed(configs: readonly ExperimentConfig[], designHash: string): number {
  return Number.parseInt((sharedDesignHash(configs) ?? designHash).slice(-8), 16);
}

/** llenergymeasure's hash of a list of configurations; null where it could not run one of them. */
export function sharedDesignHash(configs: readonly ExperimentConfig[]): string | null {
  if (!configs.every(isShared)) return null;
  const shape = mapShapeOf(experimentSchema);
  return sha256Hex(`[${configs.map((config) => pythonJson(shape, sharedForm(config))).join(", ")}]`).slice(
    0,
    16,
  );
}

function isShared(config: ExperimentConfig): boolean {
  const { backend, measure, dataset } = config;
  const hasSharedDataset = typeof dataset === "string" || isSynthetic(dataset);
  return hasSharedDataset && measure.min_seconds === null && measure.steady !== true &&
    !(isSynthetic(dataset) && SESSION_KEYS.some((key) => (dataset[key] ?? null) !== null)) &&
    hasSharedSection((config as JsonObject)[backend], backend);
}

function hasSharedSection(section: Json | undefined, backend: Backend): boolean {
  const upstream = upstreamOf(backend);
  if (upstream === null) return false;
  return !isJsonObject(section) || upstream.keys_of_ours.every((key) => (section[key] ?? null) === null);
}

/** A configuration as llenergymeasure holds it: its fields only, and null for a section in which nothing is given. */
function sharedForm(config: ExperimentConfig): JsonObject {
  const fields = Object.entries(withOpenRemoteCode(config)).filter(([key]) => !FIELDS_OF_OURS.has(key));
  return Object.fromEntries(
    fields.map(([key, value]) => [
      key,
      SHARED_BACKENDS.includes(key)
        ? givenSection(value, KEYS_OF_OURS.get(key) ?? [])
        : key === "dataset"
        ? sharedDataset(value)
        : value,
    ]),
  );
}

function sharedDataset(dataset: Json | undefined): Json | undefined {
  if (!isJsonObject(dataset)) return dataset;
  return Object.fromEntries(Object.entries(dataset).filter(([key]) => !SESSION_KEY_NAMES.has(key)));
}

/** llenergymeasure holds null where nothing is said of a model's own code; only its backends that have the field hold it at all. */
function withOpenRemoteCode(config: ExperimentConfig): JsonObject {
  const { remote_code } = ENGINE_DECLARATIONS[config.backend];
  const value = remote_code === null ? undefined : readPath(config, remote_code.path);
  if (remote_code === null || value === undefined || value === true) return config as JsonObject;
  return putPath(
    config as JsonObject,
    remote_code.path.split("."),
    remote_code.formerly === null ? undefined : null,
  );
}

function givenSection(section: Json | undefined, keysOfOurs: readonly string[]): Json {
  if (!isJsonObject(section)) return section ?? null;
  const shared = Object.entries(section).filter(([key]) => !keysOfOurs.includes(key));
  return shared.every(([, value]) => value === null) ? null : Object.fromEntries(shared);
}
