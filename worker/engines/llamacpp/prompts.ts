import type { Assignment } from "../../../lib/protocol/assignment.ts";
import { WorkerError } from "../../worker_error.ts";
import { readPromptFile } from "../../prompt_file.ts";
import { makeSyntheticPrompt } from "./synthetic_prompt.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { promptWithoutTokens, sourceUnknown } from "./messages.ts";

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
  { config, inputs }: Assignment,
  vocabulary: Vocabulary,
  tokenize: (text: string) => Int32Array,
): readonly Prompt[] {
  const { dataset, max_input_tokens, max_output_tokens, decoder } = config;
  if (typeof dataset === "object" && "n" in dataset) {
    return Array.from({ length: dataset.n }, (_, index) => ({
      index,
      tokens: makeSyntheticPrompt(vocabulary, dataset, index),
      maxOutput: dataset.output_len,
      minOutput: dataset.output_len,
    }));
  }
  return readPromptFile(inputs).map((text, index) => {
    const tokens = tokenize(text).subarray(0, max_input_tokens);
    if (tokens.length === 0) {
      const source = inputs.prompts?.source ?? sourceUnknown();
      throw new WorkerError("bad_dataset", promptWithoutTokens(index + 1, source));
    }
    const minOutput = Math.min(decoder.min_new_tokens ?? 0, max_output_tokens);
    return { index, tokens, maxOutput: max_output_tokens, minOutput };
  });
}

/** Tokens of the longest request, prompt and output together. */
export function longestRequest(prompts: readonly Prompt[]): number {
  return prompts.reduce((most, { tokens, maxOutput }) => Math.max(most, tokens.length + maxOutput), 0);
}
