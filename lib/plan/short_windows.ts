import type { Issue } from "../base/issue.ts";
import { type ExperimentConfig, isSynthetic, promptCount } from "../experiment/config.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import { energyBackendOf, type Metering } from "../study/user_config.ts";
import type { Experiment } from "./experiments.ts";

/** A sensor publishes about ten values a second: a window this long is known to 1 % at each of its edges. */
const LEAST_SECONDS = 10;
/** What one sequence at a time yields on a middling GPU. Fewer tokens than this makes of ten seconds are soon done. */
const USUAL_TOKENS_PER_S = 50;
/** A model of random weights, for trying things out: nobody wants its joules. */
const TRIAL_MODEL = "tiny-random";

/**
 * One warning for a study whose measured windows will be too short for energy: because `measure.min_seconds` says so, or
 * because there is so little to generate. What a worker of the user's own makes of a workload nobody knows, so only the
 * former is told of it.
 */
export function shortWindowWarnings(experiments: readonly Experiment[], metering: Metering): Issue[] {
  const short = experiments.filter(({ config }) =>
    config.model !== TRIAL_MODEL && energyBackendOf(config, metering) !== null && isShort(config)
  );
  const [first] = short;
  if (first === undefined) return [];
  const these = experiments.length === 1
    ? "the measured window"
    : `the measured window of ${short.length} of ${experiments.length} experiments`;
  const why = first.config.measure.min_seconds === null
    ? `a run generates ${outputTokens(first.config)} tokens at most`
    : `it lasts ${first.config.measure.min_seconds} s`;
  const message = `${these} may be too short for energy: ${why}; where a meter is, it needs 10 s or more`;
  const hint = "set measure.min_seconds: 30, or energy.backend: null to meter nothing";
  return [{ ...first.location, path: "measure.min_seconds", message, hint }];
}

function isShort(config: ExperimentConfig): boolean {
  const { min_seconds } = config.measure;
  if (min_seconds !== null) return min_seconds < LEAST_SECONDS;
  return ENGINE_DECLARATIONS[config.backend].workload_known &&
    outputTokens(config) < LEAST_SECONDS * USUAL_TOKENS_PER_S;
}

function outputTokens(config: ExperimentConfig): number {
  const each = isSynthetic(config.dataset) ? config.dataset.output_len : config.max_output_tokens;
  return promptCount(config) * each;
}
