import { member, wholeNumber } from "../../../../lib/base/json.ts";
import type { Assignment } from "../../../../lib/protocol/assignment.ts";
import { readPromptFile } from "../../../prompt_file.ts";
import {
  type MadePrompts,
  makeRecordedPrompts,
  makeSyntheticPrompts,
  type PromptServer,
} from "./make_prompts.ts";
import type { PrefixCacheMode } from "./prompt_source.ts";
import { saltOf } from "./seeds.ts";
import type { SessionWish } from "./session.ts";
import type { PromptLengths } from "./synthetic_ids.ts";

/** What a run's assignment says of its prompts. */
export interface RunPrompts extends MadePrompts {
  readonly sessions: SessionWish;
}

/**
 * The prompts of a run: synthetic ones, or those of the file that the runner wrote down. Throws a `WorkerError`
 * (`no_prompts`) where that file is not to be read.
 */
export async function makeRunPrompts(
  { config, inputs, token }: Pick<Assignment, "config" | "inputs" | "token">,
  prefix_cache: PrefixCacheMode,
  server: PromptServer,
  /** Of a trace: its requests make the lengths of synthetic prompts. */
  lengths: readonly PromptLengths[] | null = null,
): Promise<RunPrompts> {
  const { dataset, max_input_tokens, max_output_tokens } = config;
  // A run id comes again in the next study, an attempt's token never does.
  const salt = saltOf(token);
  const sessions: SessionWish = {
    turns: Math.max(1, wholeNumber(member(dataset, "turns")) ?? 1),
    think_time_s: secondsOf(member(dataset, "think_time_s")),
  };
  if (typeof dataset === "object" && "n" in dataset) {
    const { n, input_len, output_len, seed } = dataset;
    const prefix_len = wholeNumber(member(dataset, "prefix_len")) ?? 0;
    const wish = { n, input_len, output_len, lengths, seed, prefix_len, prefix_cache, salt };
    return { ...await makeSyntheticPrompts(server, wish), sessions };
  }
  const texts = readPromptFile(inputs);
  const wish = { texts, max_input_tokens, max_output_tokens, prefix_cache, salt };
  return { ...await makeRecordedPrompts(server, wish), sessions };
}

function secondsOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
