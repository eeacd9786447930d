import type { ExperimentConfig } from "../experiment/config.ts";
import { findModels } from "./find_models.ts";
import type { InputsContext } from "./inputs_context.ts";
import { materialisePrompts } from "./materialise_prompts.ts";
import { promptSource } from "./prompt_source.ts";

/**
 * A sentence for each model and each file of prompts of these configurations that surely cannot be used, as far as the files
 * of this machine tell, and a note for each that a run would download. The network is not asked.
 */
export async function foreseenInputProblems(
  configs: readonly ExperimentConfig[],
  place: Pick<InputsContext, "base_dir" | "env">,
): Promise<{ readonly problems: string[]; readonly notes: readonly string[] }> {
  const context = { ...place, signal: new AbortController().signal, say: () => {} };
  const models = await findModels(configs, context, { asksHub: false });
  const prompts = await materialisePrompts(configs.filter(hasOwnPrompts), context);
  return { problems: [...models.problems, ...prompts.problems], notes: models.downloads };
}

/** False for prompts that the hub has; the rest is read from this machine, or is no dataset. */
function hasOwnPrompts(config: ExperimentConfig): boolean {
  try {
    return promptSource(config, "/", {})?.kind !== "hub";
  } catch {
    return true;
  }
}
