import type { Backend } from "../experiment/engines.ts";
import { SECTION_OWNERS } from "../experiment/sections.ts";
import type { Findings } from "./findings.ts";
import { otherBackend } from "./messages.ts";
import { joinPath } from "./paths.ts";
import { issueAt } from "./source_text.ts";
import type { MapTree } from "./tree.ts";

/**
 * A section for a backend that nothing runs is a mistake: it looks like a setting and is none. No backends at all means
 * that the file names one wrongly, which is told elsewhere.
 */
export function checkSections(
  findings: Findings,
  tree: MapTree,
  backends: ReadonlySet<Backend>,
  prefix = "",
): void {
  if (backends.size === 0) return;
  for (const [field, owner] of SECTION_OWNERS) {
    const entry = tree.entries.get(field);
    const isFilled = entry?.value.kind === "map" && entry.value.entries.size > 0;
    if (entry === undefined || !isFilled || backends.has(owner)) continue;
    const issue = issueAt(
      entry.key,
      joinPath(prefix, field),
      otherBackend(owner, [...backends], prefix === "" ? "study" : "experiment"),
    );
    findings.found.push({ kind: "value", issue });
  }
}
