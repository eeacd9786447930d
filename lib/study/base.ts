import { posix } from "node:path";
import type { Issue } from "../base/issue.ts";
import { decodeText } from "./decode_text.ts";
import { mergeMaps } from "./merge.ts";
import { baseCycle, baseNeedsFile, baseNotAMapping, baseUnreadable, unusedInBase } from "./messages.ts";
import { parseText } from "./yaml/parse.ts";
import { countPlaces, settleCount } from "./prompt_count.ts";
import { issueAt } from "./source_text.ts";
import type { StudySource } from "./study.ts";
import { STUDY_ONLY_KEYS, studyShape } from "./study_schema.ts";
import { childOf, type MapTree, withoutKeys } from "./tree.ts";

/** Study keys whose loss in a base file could surprise; a name or a version there is mere habit. */
const MISSED_KEYS = ["sweep", "experiments", "execution", "slo", "search"];

/** A study file over its base files, or the mistakes that keep it from being so. */
export interface Based {
  readonly root: MapTree;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Puts a study file over the file its `base` names, and that over its own, key by key and at every depth. */
export function mergeBase(root: MapTree, source: StudySource): Based {
  return mergeChain(root, source, [posix.basename(source.file)]);
}

/** The chain holds the files so far, each as seen from the study file's folder. */
function mergeChain(root: MapTree, source: StudySource, chain: readonly string[]): Based {
  const base = childOf(root, "base");
  // A base that is no text is told by the check of the whole file.
  if (base?.kind !== "scalar" || typeof base.value !== "string" || base.value === "") {
    return { root, issues: [], warnings: [] };
  }
  const refuse = (message: string): Based => {
    return { root, issues: [issueAt(base, "base", message)], warnings: [] };
  };
  const path = besides(chain.at(-1) ?? "", base.value);
  const name = besides(source.file, path);
  if (chain.includes(path)) return refuse(baseCycle([...chain, path]));
  if (source.readFile === undefined) return refuse(baseNeedsFile());
  const content = source.readFile(path);
  if (typeof content === "object" && "trouble" in content) {
    return refuse(baseUnreadable(name, content.trouble));
  }
  const text = decodeText(name, content);
  if ("message" in text) return { root, issues: [text], warnings: [] };
  const { tree, issues } = parseText(text);
  if (issues.length > 0) return { root, issues, warnings: [] };
  if (tree?.kind !== "map") return refuse(baseNotAMapping(name));
  const contradictions: Issue[] = [];
  const tell = (issue: Issue): number => contradictions.push(issue);
  const below = mergeChain(settleCount(tree, countPlaces(tree), "", tell), source, [...chain, path]);
  const stripped = withoutKeys(below.root, STUDY_ONLY_KEYS);
  const merged = mergeMaps(stripped, root, (key) => studyShape().keys.get(key) ?? null);
  const settled = settleCount(merged, countPlaces(root), "", tell);
  return {
    root: settled,
    issues: [...contradictions, ...below.issues],
    warnings: [...unusedKeys(tree), ...below.warnings],
  };
}

/** A path as seen from the folder of a file; a home (`~/`) is written out where it is read. */
function besides(file: string, path: string): string {
  return posix.isAbsolute(path) || path.startsWith("~/") ? path : posix.join(posix.dirname(file), path);
}

function unusedKeys(tree: MapTree): Issue[] {
  return MISSED_KEYS.flatMap((key) => {
    const entry = tree.entries.get(key);
    return entry === undefined ? [] : [issueAt(entry.key, key, unusedInBase())];
  });
}
