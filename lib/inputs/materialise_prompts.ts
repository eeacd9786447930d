import type { ExperimentConfig } from "../experiment/config.ts";
import type { PromptsFile } from "../experiment/inputs.ts";
import type { InputsContext } from "./inputs_context.ts";

/** Prompts by `promptsKey`, their texts by path, and a sentence for each dataset that cannot be read. */
export interface MaterialisedPrompts {
  readonly prompts: ReadonlyMap<string, PromptsFile>;
  readonly texts: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly problems: readonly string[];
}

/** Reads the prompts of every configuration once. */
export function materialisePrompts(
  _configs: readonly ExperimentConfig[],
  _context: InputsContext,
): Promise<MaterialisedPrompts> {
  return Promise.resolve({ prompts: new Map(), texts: new Map(), problems: [] });
}
