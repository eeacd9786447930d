import { shellWord } from "../../base/shell_word.ts";
import type { Explanation, FailureRule } from "../../engines/failure_rule.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";

/** Stands in an explanation for the study's directory, which the text is made without. */
const STUDY_DIR = /\bDIR\b/g;

/** The remedy where no rule knows the failure. */
export const SEE_LOG = "llem show DIR --failed shows the end of its log.";

/** A text of an explanation with commands that can be pasted; DIR stays where the directory is not known. */
export function withStudyDir(text: string, study_dir: string | null): string {
  return study_dir === null ? text : text.replace(STUDY_DIR, () => shellWord(study_dir));
}

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
