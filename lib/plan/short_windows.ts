import type { Issue } from "../base/issue.ts";
import { type ExperimentConfig, isSynthetic, promptCount } from "../experiment/config.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import { energyBackendOf, type Metering } from "../study/user_config.ts";
import type { IssueLocation } from "../study/study.ts";
import type { Experiment } from "./experiments.ts";
import { shortWindow, shortWindowHint } from "./messages.ts";

/** A sensor publishes about ten values a second: a window this long is known to 1 % at each of its edges. */
const LEAST_SECONDS = 10;
/** What one sequence at a time yields on a middling GPU. Fewer tokens than this makes of ten seconds are soon done. */
const USUAL_TOKENS_PER_S = 50;
/** A model of random weights, for trying things out: nobody wants its joules. */
const TRIAL_MODEL = "tiny-random";

/** What the warning depends on besides the experiments. */
export interface WindowFacts {
  readonly metering: Metering;
  /** False where nothing of such a run can be metered. */
  readonly hasMeter: (config: ExperimentConfig) => boolean;
  /** Where the file gives `measure.min_seconds` for all experiments; null where it does not. */
  readonly place: IssueLocation | null;
}

/**
 * One warning for a study whose measured windows will be too short for energy: because `measure.min_seconds` says so, or
 * because there is so little to generate. What a worker of the user's own makes of a workload nobody knows, so only the
 * former is told of it.
 */
export function shortWindowWarnings(
  experiments: readonly Experiment[],
  { metering, hasMeter, place }: WindowFacts,
): Issue[] {
  const short = experiments.filter(({ config }) =>
    config.model !== TRIAL_MODEL && energyBackendOf(config, metering) !== null && isShort(config) &&
    hasMeter(config)
  );
  const [first] = short;
  if (first === undefined) return [];
  const seconds = first.config.measure.min_seconds;
  const why = seconds === null
    ? { kind: "tokens", count: outputTokens(first.config) } as const
    : { kind: "time", seconds } as const;
  const message = shortWindow({ short: short.length, all: experiments.length }, why);
  const hint = shortWindowHint();
  // What the file does not say stands nowhere in it.
  if (seconds === null) {
    return [{ file: first.location.file, line: null, column: null, path: "", message, hint }];
  }
  return [{ ...place ?? first.location, path: "measure.min_seconds", message, hint }];
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
