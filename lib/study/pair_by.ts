import { followPath } from "./follow_path.ts";
import type { Findings } from "./findings.ts";
import { unknownKey } from "./messages.ts";
import { issueAt } from "./source_text.ts";
import { experimentShape } from "./study_schema.ts";
import { childOf, type MapTree } from "./tree.ts";
import { explainUnknownKey } from "./unknown_key.ts";

/** Tells entries of `execution.pair_by` that name no field of an experiment. */
export function checkPairBy(findings: Findings, root: MapTree): void {
  const execution = childOf(root, "execution");
  const list = execution === null ? null : childOf(execution, "pair_by");
  if (list?.kind !== "list") return;
  for (const item of list.items) {
    const path = item.kind === "scalar" ? item.value : null;
    if (typeof path !== "string" || path === "") continue;
    const end = followPath(experimentShape(), path);
    if (end.kind !== "unknown") continue;
    const hint = end.shape === null
      ? null
      : explainUnknownKey(findings.language, end.shape, end.key, end.path).hint;
    const issue = issueAt(item, "execution.pair_by", {
      message: `${JSON.stringify(path)} ${unknownKey()}`,
      hint,
    });
    findings.found.push({ kind: "value", issue });
  }
}
