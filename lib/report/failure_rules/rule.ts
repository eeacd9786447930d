import type { ExperimentConfig } from "../../experiment/config.ts";

/** Why a run most likely failed and what to do about it; each a sentence or two, ready to be printed. */
export interface Explanation {
  readonly cause: string;
  readonly remedy: string;
}

/** The remedy where only the log knows more. */
export const SEE_LOG = "See the end of its log with llem show DIR --failed.";

/** Knows one failure by the text that a program prints about it. */
export interface FailureRule {
  readonly pattern: RegExp;
  readonly explain: (match: RegExpExecArray, config: ExperimentConfig) => Explanation;
}

/** A rule whose explanation depends on nothing but the match. */
export function rule(pattern: RegExp, cause: string, remedy: string): FailureRule {
  return { pattern, explain: () => ({ cause, remedy }) };
}

/** The explanation of the first rule that knows the text; null where none does. */
export function firstMatch(
  rules: readonly FailureRule[],
  text: string,
  config: ExperimentConfig,
): Explanation | null {
  for (const { pattern, explain } of rules) {
    const match = pattern.exec(text);
    if (match !== null) return explain(match, config);
  }
  return null;
}
