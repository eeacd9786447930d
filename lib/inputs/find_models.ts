import type { ExperimentConfig } from "../experiment/config.ts";
import type { ResolvedModel } from "../experiment/inputs.ts";
import type { InputsContext } from "./inputs_context.ts";

/** Models by `modelKey`, and a sentence for each that is nowhere. */
export interface FoundModels {
  readonly models: ReadonlyMap<string, ResolvedModel>;
  readonly problems: readonly string[];
}

/** Finds the model of every configuration once. */
export function findModels(
  _configs: readonly ExperimentConfig[],
  _context: InputsContext,
): Promise<FoundModels> {
  return Promise.resolve({ models: new Map(), problems: [] });
}
