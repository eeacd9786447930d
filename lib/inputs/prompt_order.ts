import { randomFrom, shuffled } from "../base/random.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { LocatedText } from "./located_text.ts";

/** How the prompts of a run are chosen from their dataset. */
export interface PromptOrder {
  readonly kind: ExperimentConfig["dataset_order"];
  /** For `shuffled`. */
  readonly seed: number;
}

/** The prompts in the order to run. The same seed gives the same order on every machine. */
export function arrange(
  prompts: readonly LocatedText[],
  { kind, seed }: PromptOrder,
): readonly LocatedText[] {
  switch (kind) {
    case "interleaved":
      return prompts;
    case "grouped":
      return prompts.toSorted((a, b) => a.source < b.source ? -1 : a.source > b.source ? 1 : 0);
    case "shuffled":
      return shuffled(prompts, randomFrom(seed, Math.floor(seed / 2 ** 32)));
  }
}
