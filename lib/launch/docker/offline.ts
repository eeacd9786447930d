import type { AttemptRequest } from "../attempt_request.ts";
import { allowsRemoteCode, sectionTexts, textsOf } from "./section_texts.ts";

/** What the hub calls a model: `owner/name`. */
const HUB_NAME = /^[\w.-]+\/[\w.-]+$/;

/**
 * Keeps a run from the network whose model and adapter were found before the study: libraries ask the hub for what they
 * have, and wait where it cannot be reached. Not where its settings may need more of the hub, or the user has decided.
 */
export function offlineVariables(
  { run: { config }, inputs }: Pick<AttemptRequest, "run" | "inputs">,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  if (env["HF_HUB_OFFLINE"] !== undefined) return {};
  const isFound = (inputs.model?.path ?? null) !== null &&
    (config.lora === null || (inputs.adapter?.path ?? null) !== null);
  const texts = [...sectionTexts(config), ...textsOf(config.passthrough_kwargs)];
  const needsMore = allowsRemoteCode(config) || texts.some((text) => HUB_NAME.test(text));
  return isFound && !needsMore ? { HF_HUB_OFFLINE: "1" } : {};
}
