import { type ExperimentConfig, promptCount } from "../experiment/config.ts";
import type { Execution } from "../study/execution.ts";

const LEAST_SECONDS = 600;
const SECONDS_PER_PROMPT = 2;

/**
 * The limit of one run from start to end: what the study gives, else two seconds a prompt and at least 600. A workload
 * that is repeated for some time gets that time on top.
 */
export function runLimitSeconds(
  config: Pick<ExperimentConfig, "n" | "dataset" | "measure">,
  execution: Pick<Execution, "experiment_timeout_seconds">,
): number {
  return execution.experiment_timeout_seconds ??
    Math.max(SECONDS_PER_PROMPT * promptCount(config), LEAST_SECONDS) + (config.measure.min_seconds ?? 0);
}
