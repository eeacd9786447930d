/**
 * lib/experiment owns the words of the domain: an experiment's configuration and identity, a run, an outcome,
 * a measurement. It reads no file, starts no process and knows no study.
 *
 * This file is the one declaration of an experiment's configuration, but for the fields of one engine alone, which
 * stand in engines/: types, defaults, ranges and the text that the reference page and the editor schema show.
 */
import { z } from "zod";
import { BACKENDS, DEFAULT_BACKEND, ENGINE_FIELDS } from "./engines.ts";
import { note } from "./field_notes.ts";
import { count, open } from "./fields.ts";
import {
  baselineSchema,
  energySchema,
  loraSchema,
  measureSchema,
  outputDirSchema,
  warmupSchema,
} from "./method_schema.ts";
import { DECODER_PRESET_NAMES } from "./presets.ts";

/** Synthetic prompts: exactly `input_len` tokens in, exactly `output_len` tokens out. */
export const syntheticDatasetSchema = z.strictObject({
  n: count().describe(
    "how many prompts; the same setting as the n of the experiment, which stands in for it",
  ),
  input_len: count().default(512).describe("tokens of every prompt, exactly"),
  output_len: count().default(128).describe(
    "tokens generated for every prompt, exactly (end-of-text is ignored)",
  ),
  seed: z.int().default(42).describe("seed of the prompts"),
});

/** Prompts from a file with one `{"prompt": ...}` a line; the path is relative to the study file. */
export const jsonlDatasetSchema = z.strictObject({
  jsonl: z.string().min(1).describe('file with one {"prompt": "..."} a line, relative to the study file'),
});

/** Prompts from a dataset of the Hugging Face hub, read from its cache or from the hub. */
export const hubDatasetSchema = z.strictObject({
  hub: z.string().regex(/^\w[\w.-]*(\/\w[\w.-]*)?$/).describe("dataset of the Hugging Face hub: owner/name"),
  split: z.string().min(1).default("train").describe("split of the dataset"),
  column: open(z.string().min(1)).describe(
    "column with the prompts; null is the first of prompt, text, instruction, input, question that is there",
  ),
  subset: open(z.string().min(1)).describe("configuration of the dataset, where it has several"),
  revision: open(z.string().min(1)).describe("branch, tag or commit; the commit found is recorded"),
});

export const decoderSchema = z.strictObject({
  temperature: z.number().min(0).max(2).default(1).describe(
    "randomness of the choice of tokens; 0 is greedy",
  ),
  do_sample: z.boolean().default(true).describe("false is greedy"),
  top_k: count(0).default(50).describe("only so many of the likeliest tokens; 0 turns it off"),
  top_p: z.number().min(0).max(1).default(1).describe("only the likeliest tokens of this total probability"),
  repetition_penalty: z.number().min(0.1).max(10).default(1).describe(
    "above 1 tokens seen before are less likely",
  ),
  min_p: z.number().min(0).max(1).nullable().default(null).describe(
    "only tokens at least this likely, relative to the likeliest",
  ),
  min_new_tokens: count().nullable().default(null).describe("end-of-text is not taken before so many"),
  // What a preset means is written out beside it before anything is measured.
  preset: note(
    open(z.enum(DECODER_PRESET_NAMES)).describe("settings to start from; keys given beside it win"),
    {
      outsideIdentity: true,
    },
  ),
});

/** Every field of an experiment. Unknown keys are errors at every depth. */
export const experimentSchema = z.strictObject({
  model: z.string().min(1).describe(
    "a folder or GGUF file relative to the study file, owner/name of the Hugging Face hub, or `tiny-random`",
  ),
  backend: z.enum(BACKENDS).default(DEFAULT_BACKEND).describe("the engine that runs the model"),
  n: count().default(100).describe("prompts per run, whatever the dataset"),
  dataset: z.union([z.string().min(1), syntheticDatasetSchema, jsonlDatasetSchema, hubDatasetSchema]).default(
    "aienergyscore",
  )
    .describe(
      "the prompts: aienergyscore, a file that ends in .jsonl, owner/name of the Hugging Face hub, or one of the mappings below",
    ),
  dataset_order: z.enum(["interleaved", "grouped", "shuffled"]).default("interleaved").describe(
    "as in the file, by source, or shuffled by random_seed",
  ),
  precision: z.enum(["fp32", "fp16", "bf16"]).default("bf16").describe(
    "of the weights; a GGUF file brings its own",
  ),
  random_seed: z.int().default(42).describe("seed of sampling and of a shuffled dataset"),
  max_input_tokens: count().default(512).describe("longer prompts are cut; not for synthetic prompts"),
  max_output_tokens: count().default(128).describe("not for synthetic prompts"),
  decoder: decoderSchema.prefault({}).describe("how tokens are chosen"),
  warmup: warmupSchema.prefault({}).describe(
    "prompts run before the measurement, so that it sees a warm machine",
  ),
  measure: measureSchema.prefault({}).describe("how long the measurement lasts"),
  baseline: baselineSchema.prefault({}).describe(
    "the power of the idle machine, to be told apart from the run's",
  ),
  energy: energySchema.prefault({}).describe("what meters energy"),
  lora: open(loraSchema).describe("a low-rank adapter on top of the model"),
  passthrough_kwargs: open(z.record(z.string(), z.json())).describe("handed to the engine as they are"),
  output_dir: outputDirSchema,
  ...ENGINE_FIELDS,
});

/** A resolved configuration: every default filled in, only the section of its own backend present (others null). */
export type ExperimentConfig = z.output<typeof experimentSchema>;
export type SyntheticDataset = z.output<typeof syntheticDatasetSchema>;
export type HubDataset = z.output<typeof hubDatasetSchema>;
export type DecoderConfig = z.output<typeof decoderSchema>;

/** True where the prompts are generated to an exact length. */
export function isSynthetic(dataset: ExperimentConfig["dataset"]): dataset is SyntheticDataset {
  return typeof dataset === "object" && "n" in dataset;
}

/** How many prompts one run measures. */
export function promptCount(config: Pick<ExperimentConfig, "n" | "dataset">): number {
  return isSynthetic(config.dataset) ? config.dataset.n : config.n;
}
