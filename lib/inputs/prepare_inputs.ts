import type { ExperimentConfig } from "../experiment/config.ts";
import { type FetchContext, fetchModels } from "./fetch_models.ts";
import { findModels } from "./find_models.ts";
import { materialisePrompts } from "./materialise_prompts.ts";
import { StudyInputs } from "./study_inputs.ts";

/** What was found, and one sentence with place and remedy for everything that was not. */
export interface Preparation {
  readonly inputs: StudyInputs;
  readonly problems: readonly string[];
}

/**
 * Finds every model and reads every prompt of these configurations. Writes nothing but the hub's own cache. Throws where
 * the context's signal aborts.
 */
export async function prepareInputs(
  configs: readonly ExperimentConfig[],
  context: FetchContext,
): Promise<Preparation> {
  const found = await findModels(configs, context);
  const { prompts, texts, problems } = await materialisePrompts(configs, context);
  const missing = [...found.problems, ...problems];
  // Hours of download are not begun for a study that cannot run.
  const fetched = missing.length === 0 ? await fetchModels(found.wanted, context) : null;
  const models = new Map([...found.models, ...(fetched?.models ?? [])]);
  return {
    inputs: new StudyInputs(models, prompts, texts),
    problems: [...missing, ...(fetched?.problems ?? [])],
  };
}
