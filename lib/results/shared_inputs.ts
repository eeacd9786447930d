import { canonicalJson } from "../base/canonical_json.ts";
import type { Json } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";

/** Whether the engines of a study were given the same input tokens, wherever they were to do the same work. */
export type SharedInputs = "same" | "different";

/** An experiment and what is known of its runs. */
export interface GivenInputs {
  readonly config: ExperimentConfig;
  /** `input_hash` of its completed runs: SHA-256 over the token ids of all prompts. */
  readonly input_hashes: readonly string[];
}

/** Null where no two engines were asked for the same prompts, or where fewer than two of them tell their tokens. */
export function sharedInputs(experiments: readonly GivenInputs[]): SharedInputs | null {
  const alike = Map.groupBy(experiments, ({ config }) => canonicalJson(workOf(config)));
  const compared = [...alike.values()].map((group) => group.filter(tells)).filter((group) =>
    new Set(group.map(({ config }) => config.backend)).size > 1
  );
  if (compared.length === 0) return null;
  const hashes = compared.map((group) => new Set(group.flatMap(({ input_hashes }) => input_hashes)));
  return hashes.every(({ size }) => size === 1) ? "same" : "different";
}

function tells({ input_hashes }: GivenInputs): boolean {
  return input_hashes.length > 0;
}

/** The settings that prompts come of. */
function workOf({ dataset, n, max_input_tokens }: ExperimentConfig): Json {
  return { dataset, n, max_input_tokens } as unknown as Json;
}
