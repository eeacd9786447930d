/**
 * lib/experiment owns the words of the domain: an experiment's configuration and identity, a run, an outcome,
 * a measurement. It reads no file, starts no process and knows no study.
 *
 * This file is the one declaration of an experiment's configuration, but for the fields of one engine alone, which
 * stand in engines/: types, defaults, ranges and the text that the reference page and the editor schema show.
 */
import { z } from "zod";
import { backendSchema, DEFAULT_BACKEND, ENGINE_FIELDS } from "./engines.ts";
import { note } from "./field_notes.ts";
import { count, later, open } from "./fields.ts";
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
    "number of prompts; the same setting as n of the experiment, which is used if this is omitted",
  ),
  input_len: count().default(512).describe("exact number of tokens of every prompt"),
  output_len: count().default(128).describe(
    "exact number of tokens generated per prompt (end-of-text is ignored)",
  ),
  seed: z.int().default(42).describe("seed for generating the prompts"),
  prefix_len: later(open(count())).describe("openai: tokens that all prompts begin with"),
  turns: later(open(count())).describe(
    "openai: requests of a conversation, each with what was said before; null is 1",
  ),
  think_time_s: later(open(z.number().min(0).max(86_400))).describe(
    "openai: seconds before the next turn; null is 0",
  ),
});

/** Keys of synthetic prompts that only an engine under load makes something of. */
export const SESSION_KEYS = ["prefix_len", "turns", "think_time_s"] as const;

/** Prompts from a file with one `{"prompt": ...}` a line; the path is relative to the study file. */
export const jsonlDatasetSchema = z.strictObject({
  jsonl: z.string().min(1).describe('file with one {"prompt": "..."} per line, relative to the study file'),
});

/** Prompts from a dataset of the Hugging Face hub, read from its cache or from the hub. */
export const hubDatasetSchema = z.strictObject({
  hub: z.string().regex(/^\w[\w.-]*(\/\w[\w.-]*)?$/).describe("Hugging Face hub dataset: owner/name"),
  split: z.string().min(1).default("train").describe("split of the dataset"),
  column: open(z.string().min(1)).describe(
    "column with the prompts; null uses the first existing column of prompt, text, instruction, input, question",
  ),
  subset: open(z.string().min(1)).describe("configuration of the dataset, if it has several"),
  revision: open(z.string().min(1)).describe("branch, tag or commit; the resolved commit is recorded"),
});

export const decoderSchema = z.strictObject({
  temperature: z.number().min(0).max(2).default(1).describe(
    "sampling temperature; 0 is greedy",
  ),
  do_sample: z.boolean().default(true).describe("sample tokens; false is greedy decoding"),
  top_k: count(0).default(50).describe("sample from the k most likely tokens; 0 disables the limit"),
  top_p: z.number().min(0).max(1).default(1).describe(
    "sample from the most likely tokens up to this cumulative probability",
  ),
  repetition_penalty: z.number().min(0.1).max(10).default(1).describe(
    "values above 1 make repeated tokens less likely",
  ),
  min_p: z.number().min(0).max(1).nullable().default(null).describe(
    "minimum token probability, relative to the most likely token",
  ),
  min_new_tokens: count().nullable().default(null).describe(
    "minimum number of generated tokens; end-of-text is suppressed until then",
  ),
  // What a preset means is written out beside it before anything is measured.
  preset: note(
    open(z.enum(DECODER_PRESET_NAMES)).describe("predefined settings; explicit keys override them"),
    {
      outsideIdentity: true,
    },
  ),
});

/** Every field of an experiment. Unknown keys are errors at every depth. */
export const experimentSchema = z.strictObject({
  model: z.string().min(1).describe(
    "a folder or GGUF file relative to the study file, a Hugging Face hub model as owner/name, or `tiny-random`",
  ),
  backend: backendSchema.default(DEFAULT_BACKEND).describe("the engine that runs the model"),
  n: count().default(100).describe("number of prompts per run, for any dataset"),
  dataset: z.union([z.string().min(1), syntheticDatasetSchema, jsonlDatasetSchema, hubDatasetSchema]).default(
    "aienergyscore",
  )
    .describe(
      "the prompts: aienergyscore, a .jsonl file, a Hugging Face hub dataset as owner/name, or one of the mappings below",
    ),
  dataset_order: z.enum(["interleaved", "grouped", "shuffled"]).default("interleaved").describe(
    "order of the prompts: as in the file, grouped by source, or shuffled with random_seed",
  ),
  precision: z.enum(["fp32", "fp16", "bf16"]).default("bf16").describe(
    "number format of the weights; a GGUF file has its own",
  ),
  random_seed: z.int().default(42).describe("seed for sampling and for a shuffled dataset"),
  max_input_tokens: count().default(512).describe(
    "longer prompts are truncated; does not apply to synthetic prompts",
  ),
  max_output_tokens: count().default(128).describe(
    "maximum number of generated tokens; does not apply to synthetic prompts",
  ),
  decoder: decoderSchema.prefault({}).describe("sampling settings"),
  warmup: warmupSchema.prefault({}).describe(
    "warm-up: prompts run before the measurement",
  ),
  measure: measureSchema.prefault({}).describe("length of the measurement"),
  baseline: baselineSchema.prefault({}).describe(
    "idle power, subtracted from the power of the run",
  ),
  energy: energySchema.prefault({}).describe("energy metering"),
  lora: open(loraSchema).describe("a low-rank adapter on top of the model"),
  passthrough_kwargs: open(z.record(z.string(), z.json())).describe(
    "arguments passed to the engine unchanged",
  ),
  output_dir: outputDirSchema,
  parallel: note(
    open(z.enum(["allowed", "never"])).describe(
      "never: nothing else runs beside a run of this experiment, whatever execution.parallel says; null is allowed",
    ),
    { outsideIdentity: true },
  ),
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
