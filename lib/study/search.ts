import { append } from "../base/numbers.ts";
import { SEARCHED_LOADS } from "../experiment/searched_load.ts";
import { ownerOf } from "../experiment/sections.ts";
import { apart, type Findings } from "./findings.ts";
import { checkTree } from "./check.ts";
import { followPath } from "./follow_path.ts";
import { notALoad, searchAndExperiments, searchedAndSwept, searchIsEmpty, sloNeeded } from "./messages.ts";
import { arePathsRelated } from "./paths.ts";
import { type Search, searchSchema } from "./search_schema.ts";
import type { Slo } from "./slo_schema.ts";
import { issueAt, issueLocation } from "./source_text.ts";
import type { Dimension } from "./study.ts";
import { experimentShape } from "./study_schema.ts";
import { childOf, isNothing, locationOfPath, type MapTree } from "./tree.ts";

/** A search, and its first probe as a value of a grid. */
export interface ReadSearch {
  readonly search: Search;
  readonly first: Dimension;
}

/** The search of a study file; null where it has none, or one with mistakes, which are told. */
export function readSearch(
  findings: Findings,
  root: MapTree,
  { value, slo }: { readonly value: unknown; readonly slo: Slo | null },
): ReadSearch | null {
  const tree = childOf(root, "search");
  if (tree?.kind !== "map") return null;
  const parsed = searchSchema.safeParse(value);
  // What does not check is told by the check of the whole file.
  if (!parsed.success) return null;
  const search = parsed.data;
  const own = apart(findings);
  const tell = (key: string, text: Parameters<typeof issueAt>[2]): void => {
    const path = key === "" ? "search" : `search.${key}`;
    own.found.push({ kind: "value", issue: issueAt(locationOfPath(root, path), path, text) });
  };
  const loads = SEARCHED_LOADS.map(({ path }) => path);
  if (!loads.includes(search.over)) tell("over", notALoad(loads));
  if (search.from >= search.to) tell("to", searchIsEmpty(search.from));
  if (slo === null && isNothing(childOf(root, "slo"))) tell("until", sloNeeded());
  if (!isNothing(childOf(root, "experiments"))) tell("", searchAndExperiments());
  const sweep = childOf(root, "sweep");
  const swept = sweep?.kind === "map" ? [...sweep.entries.keys()] : [];
  const same = swept.find((path) => arePathsRelated(path, search.over));
  if (same !== undefined) tell("over", searchedAndSwept(same));
  const end = followPath(experimentShape(), search.over);
  const from = childOf(tree, "from");
  if (end.kind === "slot" && from !== null) {
    for (const key of ["from", "to"]) {
      const bound = childOf(tree, key);
      if (bound !== null) checkTree(own, end.slot, bound, `search.${key}`);
    }
  }
  append(findings.found, own.found);
  // With a load to begin with, the rest of the file is checked as it stands.
  const isLoad = loads.includes(search.over) && same === undefined;
  if (own.found.length > 0 && !isLoad) return null;
  const location = issueLocation(from ?? tree);
  const values = [{ value: search.from, problem: null, location }];
  return { search, first: { path: search.over, owner: ownerOf(search.over), values } };
}
