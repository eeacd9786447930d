import type { Execution } from "./execution.ts";
import type { Findings } from "./findings.ts";
import { auditWithoutShared } from "./messages.ts";
import { issueAt } from "./source_text.ts";
import { childOf, isNothing, type MapTree } from "./tree.ts";

/** Tells an `execution.audit` that nothing will come of. */
export function checkAudit(findings: Findings, root: MapTree, { audit, parallel }: Execution): void {
  const execution = childOf(root, "execution");
  const place = execution?.kind === "map" ? childOf(execution, "audit") : null;
  if (audit === null || parallel === "shared" || place === null || isNothing(place)) return;
  findings.warnings.push(issueAt(place, "execution.audit", auditWithoutShared(parallel)));
}
