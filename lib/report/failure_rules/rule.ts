import { shellWord } from "../../base/shell_word.ts";
import type { Explanation, FailureRule } from "../../engines/failure_rule.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";

/** Stands in an explanation for the study's directory, which the text is made without. */
const STUDY_DIR = /\bDIR\b/g;

/** A text of an explanation with commands that can be pasted; DIR stays where the directory is not known. */
export function withStudyDir(text: string, study_dir: string | null): string {
  return study_dir === null ? text : text.replace(STUDY_DIR, () => shellWord(study_dir));
}

/** A rule whose explanation depends on nothing but the match. */
export function rule(pattern: RegExp, explanation: Explanation): FailureRule {
  return { pattern, explain: () => explanation };
}

/** The explanation of the first rule whose pattern matches the text; null where none does. */
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
