import type { Explanation, FailureRule } from "../../engines/failure_rule.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";

/** The remedy where only the log knows more. */
export const SEE_LOG = "See the end of its log with llem show DIR --failed.";

/** A rule whose explanation depends on nothing but the match. */
export function rule(pattern: RegExp, cause: string, remedy: string): FailureRule {
  return { pattern, explain: () => ({ cause, remedy }) };
}

/** The explanation of the first rule that knows the text; null where none does. */
export function firstMatch(
  rules: readonly FailureRule[],
  text: string,
  config: Pick<ExperimentConfig, "backend">,
): Explanation | null {
  for (const { pattern, explain } of rules) {
    const match = pattern.exec(text);
    if (match !== null) return explain(match, config);
  }
  return null;
}
