import type { ExperimentConfig } from "../experiment/config.ts";

/** Why a run most likely failed and what to do about it; each a sentence or two, ready to be printed. */
export interface Explanation {
  readonly cause: string;
  readonly remedy: string;
}

/** Knows one failure by the text that a program prints about it. */
export interface FailureRule {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray, config: Pick<ExperimentConfig, "backend">) => Explanation;
}
