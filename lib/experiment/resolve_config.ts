import type { JsonObject } from "../base/json.ts";
import { type ExperimentConfig, experimentSchema, isSynthetic, SESSION_KEYS } from "./config.ts";
import { type Backend, BACKENDS, DEFAULT_BACKEND } from "./engines.ts";
import { withPreset } from "./presets.ts";
import { withPromptCount } from "./prompt_count.ts";
import { withRemoteCode } from "./remote_code.ts";
import { draftFor, withOwnSections } from "./sections.ts";

/** A draft with everything filled in, or null where it breaks the declaration (which the caller then explains). */
export function resolveConfig(draft: JsonObject): ExperimentConfig | null {
  const backend = backendOf(draft);
  if (backend === null) return null;
  const own = withOwnSections(backend, draftFor(backend, draft));
  const parsed = experimentSchema.safeParse(withPromptCount(withPreset(own)));
  return parsed.success ? withRemoteCode(withoutOpenSessions(parsed.data)) : null;
}

/** The backend a draft asks for; the default where it names none, null where it is none of ours. */
export function backendOf(draft: JsonObject): Backend | null {
  const { backend = DEFAULT_BACKEND } = draft;
  return BACKENDS.find((name) => name === backend) ?? null;
}

/** Synthetic prompts without what is left open of conversations, so that one without any reads as it always did. */
function withoutOpenSessions(config: ExperimentConfig): ExperimentConfig {
  const { dataset } = config;
  if (!isSynthetic(dataset)) return config;
  const { n, input_len, output_len, seed } = dataset;
  const given = SESSION_KEYS.filter((key) => (dataset[key] ?? null) !== null);
  return {
    ...config,
    dataset: {
      n,
      input_len,
      output_len,
      seed,
      ...Object.fromEntries(given.map((key) => [key, dataset[key]])),
    },
  };
}
