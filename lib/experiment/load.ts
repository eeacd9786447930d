import type { JsonObject } from "../base/json.ts";
import { type ExperimentConfig, isSynthetic, promptCount } from "./config.ts";
import { declarationOf } from "./engines.ts";
import { readPath } from "./read_path.ts";

/** What one pass of a run's workload is. */
export interface Load {
  /** Null where only the worker knows. */
  readonly prompts: number | null;
  /** Of every prompt, exactly; null where the prompts are not made to a length. */
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  /** Prompts that are worked on at once; null where llem does not know. */
  readonly concurrency: number | null;
  /** `static`: those that are worked on at once begin together, and the next ones when the last of them is through. */
  readonly batches: "static" | null;
}

/** The load of a configuration. */
export function loadOf(config: ExperimentConfig): Load {
  const { dataset, backend } = config;
  const length = isSynthetic(dataset) ? dataset : null;
  const { concurrency = null, workload_known = false } = declarationOf(backend) ?? {};
  // Left open, one prompt at a time is what these engines do.
  const count = concurrency === null
    ? null
    : readPath(config as unknown as JsonObject, concurrency.path) ?? 1;
  return {
    prompts: workload_known || length !== null ? promptCount(config) : null,
    input_tokens: length?.input_len ?? null,
    output_tokens: length?.output_len ?? null,
    concurrency: typeof count === "number" ? count : null,
    batches: typeof count === "number" ? concurrency?.batches ?? null : null,
  };
}
