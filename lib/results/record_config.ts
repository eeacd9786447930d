import type { JsonObject } from "../base/json.ts";
import { type ExperimentConfig, isSynthetic } from "../experiment/config.ts";
import { ownerOf, ownPrecision } from "../experiment/sections.ts";

/** A configuration as a record shows it: without what its run does not read. */
export type RecordConfig = Pick<ExperimentConfig, "model" | "backend"> & Partial<ExperimentConfig>;

/** Read only where the prompts have no exact length. */
const NOT_FOR_SYNTHETIC: readonly string[] = ["n", "dataset_order", "max_input_tokens", "max_output_tokens"];

/**
 * The fields that the run reads: no section of another engine, no field that is null, no precision where the model brings its
 * own, no count or limit of prompts where synthetic ones bring theirs. It hashes as the whole configuration does.
 */
export function recordConfig(config: ExperimentConfig): RecordConfig {
  const isPrecise = ownPrecision(config as unknown as JsonObject) !== undefined;
  const { model, backend } = config;
  const read = Object.entries(config).filter(([field, value]) => {
    const owner = ownerOf(field);
    if (value === null || owner !== null && owner !== backend) return false;
    if (field === "precision") return isPrecise;
    return !isSynthetic(config.dataset) || !NOT_FOR_SYNTHETIC.includes(field);
  });
  return { model, backend, ...Object.fromEntries(read) };
}
