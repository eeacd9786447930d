import { isJsonObject } from "../base/json.ts";
import type { Backend } from "../experiment/engines.ts";
import { gridBackends, type Stated } from "./backends.ts";
import { tellFixedMistakes } from "./fixed_mistakes.ts";
import type { Findings } from "./findings.ts";
import { mappingOfLists, mustBe, replacesSection, searchedForOther, sweptForOther } from "./messages.ts";
import { issueAt, issueLocation } from "./source_text.ts";
import type { Dimension, Draft, Grid } from "./study.ts";
import { readSweep } from "./sweep.ts";
import { isNothing, type MapTree, type Tree } from "./tree.ts";
import { found } from "./wording.ts";

/** The parts of a study file that make a grid. */
export interface GridParts {
  /** The shared fields with their places, the backend left out. */
  readonly shared: MapTree;
  /** Their checked values. */
  readonly draft: Draft;
  readonly backends: Stated;
  readonly sweep: Tree | null;
  /** What else has a value of its own at every point: the first probe of a search. */
  readonly first: readonly Dimension[];
}

/** The grid of a study file. What is wrong whatever the sweep picks is found here. */
export function readGrid(
  findings: Findings,
  { shared, draft, backends: stated, sweep, first }: GridParts,
): Grid {
  const dimensions = [...sweep?.kind === "map" ? readSweep(findings, sweep) : [], ...first];
  if (sweep !== null && sweep.kind !== "map" && !isNothing(sweep)) {
    const message = mustBe(mappingOfLists(), found(sweep));
    findings.found.push({ kind: "value", issue: issueAt(sweep, "sweep", message) });
  }
  const backends = gridBackends(dimensions, stated);
  if (sweep?.kind === "map") {
    tellForeignKeys(findings, sweep, dimensions, backends);
    warnReplaced(findings, sweep, dimensions, draft);
  }
  for (const { owner, values } of first) {
    if (owner === null || backends.length === 0 || backends.includes(owner)) continue;
    for (const { location } of values) {
      const issue = { ...location, path: "search.over", ...searchedForOther(owner, backends) };
      findings.found.push({ kind: "value", issue });
    }
  }
  for (const backend of backends.length > 0 ? backends : [null]) {
    tellFixedMistakes(findings, { tree: shared, draft, backend, dimensions, prefix: "" });
  }
  const location = issueLocation(sweep ?? shared);
  if (dimensions.some(({ path }) => path === "backend")) return { shared: draft, dimensions, location };
  const values = backends.map((value) => ({ value, problem: null, location }));
  return { shared: draft, dimensions: [{ path: "backend", owner: null, values }, ...dimensions], location };
}

/** A swept key of a backend that the grid does not run has no experiment to apply to. */
function tellForeignKeys(
  findings: Findings,
  sweep: MapTree,
  dimensions: readonly Dimension[],
  backends: readonly Backend[],
): void {
  for (const { path, owner } of dimensions) {
    const entry = sweep.entries.get(path);
    // No backend at all: the file names one wrongly, which is told elsewhere.
    if (backends.length === 0) return;
    if (owner === null || backends.includes(owner) || entry === undefined) continue;
    const issue = issueAt(entry.key, `sweep.${path}`, sweptForOther(owner, backends));
    findings.found.push({ kind: "value", issue });
  }
}

/** A whole section that is swept stands in place of the shared one, which a writer may expect to be merged. */
function warnReplaced(
  findings: Findings,
  sweep: MapTree,
  dimensions: readonly Dimension[],
  draft: Draft,
): void {
  for (const { path, values } of dimensions) {
    const entry = sweep.entries.get(path);
    if (entry === undefined || !isFilled(draft[path]) || !values.some(({ value }) => isFilled(value))) {
      continue;
    }
    findings.warnings.push(issueAt(entry.key, `sweep.${path}`, replacesSection(path)));
  }
}

function isFilled(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length > 0;
}
