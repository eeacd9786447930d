import { experimentSchema } from "../experiment/config.ts";
import { withPromptCount } from "../experiment/prompt_count.ts";
import { slotOf } from "../experiment/shape.ts";
import { checkTree } from "./check.ts";
import { newFindings } from "./findings.ts";
import { findMissing } from "./missing.ts";
import { optionText } from "./source_text.ts";
import type { Draft } from "./study.ts";
import { reasonOf } from "./sweep.ts";
import { treeOfJson } from "./tree.ts";

/** Why a draft that is put together is no configuration, one sentence for each mistake. */
export function explainDraft(draft: Draft): string[] {
  const findings = newFindings();
  const tree = treeOfJson(withPromptCount(draft), { source: optionText(null), offset: 0 });
  checkTree(findings, slotOf(experimentSchema), tree, "");
  findMissing(findings, slotOf(experimentSchema), tree, "");
  return findings.found.map(({ issue }) => reasonOf(issue));
}
