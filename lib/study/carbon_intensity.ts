import type { Findings } from "./findings.ts";
import { renamedTo } from "./messages.ts";
import { issueAt } from "./source_text.ts";
import { childOf, isNothing, type MapEntry, type MapTree, withKey, withoutKeys } from "./tree.ts";

const FORMER = "grid_carbon_intensity";
const NAME = "carbon_intensity_gco2_kwh";

/**
 * Takes `grid_carbon_intensity`, which samples of llenergymeasure write at the top level or under `measurement`, for
 * the key it became.
 */
export function mergeCarbonNames(findings: Findings, root: MapTree): MapTree {
  const measurement = childOf(root, "measurement");
  const section: MapTree = measurement?.kind === "map" ? measurement : { ...root, entries: new Map() };
  const former = [root, section].map((tree) => tree.entries.get(FORMER)).filter((entry) =>
    entry !== undefined
  );
  const [first] = former;
  const isReplaceable = measurement === null || isNothing(measurement) || measurement.kind === "map";
  // Beside the new name, or twice, it stays a key that is not known.
  if (first === undefined || former.length > 1 || section.entries.has(NAME) || !isReplaceable) return root;
  findings.warnings.push(issueAt(first.key, FORMER, renamedTo(`measurement.${NAME}`)));
  const value = withKey(withoutKeys(section, new Set([FORMER])), NAME, first);
  const entry: MapEntry = { key: root.entries.get("measurement")?.key ?? first.key, value };
  return withKey(withoutKeys(root, new Set([FORMER])), "measurement", entry);
}
