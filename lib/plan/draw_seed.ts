import { sha256Hex } from "../base/canonical_json.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { type ExperimentConfig, experimentSchema, isSynthetic } from "../experiment/config.ts";
import { pythonJson } from "../experiment/python_json.ts";
import { mapShapeOf } from "../experiment/shape.ts";

/** Backends and fields that llenergymeasure knows as well. */
const SHARED_BACKENDS: readonly string[] = ["pytorch", "vllm", "tensorrt"];
const OWN_FIELDS: readonly string[] = ["measure", "params", "command", "llamacpp", "openai"];

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

function isShared({ backend, measure, params, dataset, pytorch }: ExperimentConfig): boolean {
  const hasSharedDataset = typeof dataset === "string" || isSynthetic(dataset);
  return SHARED_BACKENDS.includes(backend) && hasSharedDataset && measure.min_seconds === null &&
    Object.keys(params).length === 0 && (pytorch?.python ?? null) === null;
}

/** A configuration as llenergymeasure holds it: its fields only, and null for a section in which nothing is given. */
function sharedForm(config: ExperimentConfig): JsonObject {
  const fields = Object.entries(config as JsonObject).filter(([key]) => !OWN_FIELDS.includes(key));
  return Object.fromEntries(
    fields.map(([key, value]) => [key, SHARED_BACKENDS.includes(key) ? givenSection(value) : value]),
  );
}

function givenSection(section: Json | undefined): Json {
  if (!isJsonObject(section)) return section ?? null;
  const { python: _, ...shared } = section;
  return Object.values(shared).every((value) => value === null) ? null : shared;
}
