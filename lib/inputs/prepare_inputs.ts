import type { ExperimentConfig } from "../experiment/config.ts";
import { findModels } from "./find_models.ts";
import type { InputsContext } from "./inputs_context.ts";
import { materialisePrompts } from "./materialise_prompts.ts";
import { StudyInputs } from "./study_inputs.ts";

/** What was found, and one sentence with place and remedy for everything that was not. */
export interface Preparation {
  readonly inputs: StudyInputs;
  readonly problems: readonly string[];
}

/** Finds every model and reads every prompt of these configurations. Writes nothing but the hub's own cache. */
export async function prepareInputs(
  configs: readonly ExperimentConfig[],
  context: InputsContext,
): Promise<Preparation> {
  const models = await findModels(configs, context);
  const prompts = await materialisePrompts(configs, context);
  return {
    inputs: new StudyInputs(models.models, prompts.prompts, prompts.texts),
    problems: [...models.problems, ...prompts.problems],
  };
}
