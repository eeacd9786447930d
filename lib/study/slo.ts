import type { Findings } from "./findings.ts";
import { limitNeeded } from "./messages.ts";
import { type Slo, SLO_LIMITS, sloSchema } from "./slo_schema.ts";
import { issueAt } from "./source_text.ts";
import { childOf, isNothing, locationOfPath, type MapTree } from "./tree.ts";

/** The promise of a study file; null where it makes none. */
export function readSlo(findings: Findings, root: MapTree, value: unknown): Slo | null {
  const tree = childOf(root, "slo");
  if (tree === null || isNothing(tree)) return null;
  const parsed = sloSchema.safeParse(value);
  if (!parsed.success) return null;
  const slo = parsed.data;
  if (SLO_LIMITS.every((name) => slo[name] === null)) {
    findings.found.push({
      kind: "value",
      issue: issueAt(locationOfPath(root, "slo"), "slo", limitNeeded(SLO_LIMITS)),
    });
    return null;
  }
  return slo;
}
