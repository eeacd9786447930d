/** What tests of prompts say: configurations, where to look, what came out. */
import type { JsonObject } from "../../lib/base/json.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { USUAL_PACE } from "../../lib/hub/download_work.ts";
import { type MaterialisedPrompts, materialisePrompts } from "../../lib/inputs/materialise_prompts.ts";
import { configOf } from "../support/plans.ts";

/** An experiment of the PyTorch engine with this dataset. */
export function wish(dataset: JsonObject | string, draft: JsonObject = {}): ExperimentConfig {
  return configOf({ backend: "pytorch", dataset, ...draft });
}

export interface Looking {
  readonly env?: Readonly<Record<string, string>>;
  readonly baseDir?: string;
  readonly signal?: AbortSignal;
  readonly said?: string[];
}

export function materialise(
  configs: readonly ExperimentConfig[],
  { env = {}, baseDir = "/nowhere", signal = new AbortController().signal, said = [] }: Looking = {},
): Promise<MaterialisedPrompts> {
  const pace = { ...USUAL_PACE, retries: 2, first_pause_ms: 5, longest_pause_ms: 10 };
  return materialisePrompts(configs, {
    base_dir: baseDir,
    env,
    signal,
    say: (line) => void said.push(line),
    pace,
  });
}

/** The prompts of every file, in the order of the wishes. */
export function promptsIn({ prompts, texts }: MaterialisedPrompts): string[][] {
  return [...prompts.values()].map(({ path }) => {
    const text = new TextDecoder().decode(texts.get(path));
    return text.trimEnd().split("\n").map((line): string => JSON.parse(line).prompt);
  });
}
