import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";

/** The synthetic dataset of a draft, whether or not it says how many prompts there are; null for another dataset. */
export function syntheticDraft({ dataset }: JsonObject): JsonObject | null {
  return isJsonObject(dataset) && !("jsonl" in dataset) && !("hub" in dataset) ? dataset : null;
}

/** The draft with the number of prompts that it gives as `n`, where its synthetic dataset gives none. */
export function withPromptCount(draft: JsonObject): JsonObject {
  const dataset = syntheticDraft(draft);
  const n = draft.n ?? null;
  return dataset === null || n === null || (dataset.n ?? null) !== null ? draft : withOwnCount(draft, n);
}

/** The draft with this number of prompts in its synthetic dataset. */
export function withOwnCount(draft: JsonObject, n: Json): JsonObject {
  const dataset = syntheticDraft(draft);
  return dataset === null ? draft : { ...draft, dataset: { ...dataset, n } };
}
