import type { ExperimentConfig } from "../experiment/config.ts";
import { findModels } from "./find_models.ts";
import type { WantedModel } from "./finding.ts";
import type { InputsContext } from "./inputs_context.ts";
import { materialisePrompts } from "./materialise_prompts.ts";
import { StudyInputs } from "./study_inputs.ts";

/** What was found, what is yet to be downloaded, and one sentence with place and remedy for everything that was not. */
export interface Preparation {
  readonly inputs: StudyInputs;
  readonly wanted: readonly WantedModel[];
  readonly problems: readonly string[];
}

/**
 * Looks for every model and reads every prompt of these configurations; models are not downloaded. Writes nothing but the
 * hub's own cache. Throws where the context's signal aborts.
 */
export async function prepareInputs(
  configs: readonly ExperimentConfig[],
  context: InputsContext,
): Promise<Preparation> {
  const { models, wanted, problems } = await findModels(configs, context);
  const prompts = await materialisePrompts(configs, context);
  return {
    inputs: new StudyInputs({ models, prompts: prompts.prompts, texts: prompts.texts }),
    wanted,
    problems: [...problems, ...prompts.problems],
  };
}
