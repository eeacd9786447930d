import { plural } from "../../base/text.ts";
import { type ExperimentConfig, isSynthetic, promptCount } from "../../experiment/config.ts";
import { servedLoad } from "../../experiment/engines/openai/load.ts";
import { fewerThanConcurrency } from "./messages.ts";

/** Closed loads that a run has too few prompts for, a sentence each: their numbers would be those of a smaller load. */
export function adviseOnLoads(configs: readonly ExperimentConfig[]): string[] {
  const told = configs.flatMap((config) => {
    // A steady window repeats its prompts, as many at a time as the load asks for.
    if (config.openai === null || config.measure.steady) return [];
    const load = servedLoad(config.openai);
    const turns = isSynthetic(config.dataset) ? config.dataset.turns ?? 1 : 1;
    const units = Math.ceil(promptCount(config) / turns);
    if (load.kind !== "closed" || load.concurrency <= units) return [];
    return [fewerThanConcurrency(load.concurrency, plural(units, turns > 1 ? "conversation" : "prompt"))];
  });
  return [...new Set(told)];
}
