import type { SyntheticDataset } from "../../../lib/experiment/config.ts";
import { randomFrom } from "../../../lib/base/random.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * A prompt of exactly `input_len` tokens: the model's beginning token where it wants one, then tokens of text drawn
 * by the seed and the prompt's index. Engines do the same work for any text, so speed needs no sense.
 */
export function makeSyntheticPrompt(
  vocabulary: Vocabulary,
  { input_len, seed }: Pick<SyntheticDataset, "input_len" | "seed">,
  index: number,
): Int32Array {
  const random = randomFrom(seed, Math.floor(seed / 2 ** 32), index);
  const { text, beginning } = vocabulary;
  const tokens = Int32Array.from({ length: input_len }, () => text[random() % text.length] ?? 0);
  if (beginning !== null) tokens[0] = beginning;
  return tokens;
}
