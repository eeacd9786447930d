import { resolve } from "node:path";
import type { HubDataset, JsonlDataset } from "../../../lib/experiment/config.ts";
import type { Assignment } from "../../../lib/protocol/assignment.ts";
import { WorkerError } from "../../worker_error.ts";
import { readJsonlPrompts } from "./jsonl_prompts.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { makeSyntheticPrompt } from "./synthetic_prompt.ts";

/** A prompt ready to run. */
export interface Prompt {
  readonly index: number;
  readonly tokens: Int32Array;
  /** Tokens to generate at most. */
  readonly maxOutput: number;
  /** Tokens to generate at least: until then no token may end the text. Equal to maxOutput: exactly so many. */
  readonly minOutput: number;
}

/** The prompts that a run measures, in order. */
export function makePrompts(
  { config, base_dir }: Assignment,
  vocabulary: Vocabulary,
  tokenize: (text: string) => Int32Array,
): readonly Prompt[] {
  const { dataset, n, max_input_tokens, max_output_tokens, decoder } = config;
  const order = { kind: config.dataset_order, seed: config.random_seed };
  if (typeof dataset === "object" && "n" in dataset) {
    return Array.from({ length: dataset.n }, (_, index) => ({
      index,
      tokens: makeSyntheticPrompt(vocabulary, dataset, index),
      maxOutput: dataset.output_len,
      minOutput: dataset.output_len,
    }));
  }
  const path = resolve(base_dir, jsonlPath(dataset));
  return readJsonlPrompts(path, n, order).map(({ text, place }, index) => {
    const tokens = tokenize(text).subarray(0, max_input_tokens);
    if (tokens.length === 0) throw new WorkerError("bad_dataset", `${place}: the prompt gives no token.`);
    const minOutput = Math.min(decoder.min_new_tokens ?? 0, max_output_tokens);
    return { index, tokens, maxOutput: max_output_tokens, minOutput };
  });
}

/** Tokens of the longest request, prompt and output together. */
export function longestRequest(prompts: readonly Prompt[]): number {
  return prompts.reduce((most, { tokens, maxOutput }) => Math.max(most, tokens.length + maxOutput), 0);
}

function jsonlPath(dataset: string | JsonlDataset | HubDataset): string {
  if (typeof dataset === "object" && "jsonl" in dataset) return dataset.jsonl;
  if (typeof dataset === "string" && dataset.endsWith(".jsonl")) return dataset;
  throw new WorkerError(
    "dataset_unavailable",
    `Cannot load dataset ${JSON.stringify(dataset)}: the embedded engine takes no datasets from a hub yet. ` +
      "Use dataset: { n, input_len, output_len } for synthetic prompts, or { jsonl: FILE }.",
  );
}
