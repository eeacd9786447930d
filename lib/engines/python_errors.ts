import type { FailureHints } from "./engine.ts";

/** Error types that the parts raise which all engines of the Python worker share. */
const SHARED: readonly string[] = [
  "adapter_not_found",
  "bad_dataset",
  "bad_model",
  "bad_setting",
  "broken_package",
  "cuda_error",
  "missing_package",
  "model_not_found",
  "no_prompts",
  "old_package",
  "out_of_memory",
  "remote_code",
  "unknown_backend",
  "unsupported_model",
  "unsupported_setting",
  "wrong_length",
];

/** Which messages of the Python worker end with what to do: those of the shared types, and of the engine's `own`. */
export function explainedByWorker(own: readonly string[]): FailureHints["explainsItself"] {
  const types = new Set([...SHARED, ...own]);
  return ({ type }) => types.has(type);
}
