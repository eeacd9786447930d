import { posix } from "node:path";
import type { Issue } from "../base/issue.ts";
import { decodeText } from "./decode_text.ts";
import { mergeMaps } from "./merge.ts";
import { parseText } from "./parse.ts";
import { issueAt } from "./source_text.ts";
import type { StudySource } from "./study.ts";
import { STUDY_ONLY_KEYS, studyShape } from "./study_schema.ts";
import { childOf, type MapTree, withoutKeys } from "./tree.ts";

/** Study keys whose loss in a base file could surprise; a name or a version there is mere habit. */
const MISSED_KEYS = ["sweep", "experiments", "execution"];

/** A study file over its base files, or the mistakes that keep it from being so. */
export interface Based {
  readonly root: MapTree;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Puts a study file over the file its `base` names, and that over its own, key by key and at every depth. */
export function mergeBase(root: MapTree, source: StudySource): Based {
  return mergeChain(root, source, source.file, [posix.normalize(source.file)]);
}

function mergeChain(root: MapTree, source: StudySource, file: string, chain: readonly string[]): Based {
  const base = childOf(root, "base");
  // A base that is no text is told by the check of the whole file.
  if (base?.kind !== "scalar" || typeof base.value !== "string" || base.value === "") {
    return { root, issues: [], warnings: [] };
  }
  const refuse = (message: string, hint: string | null = null): Based => {
    return { root, issues: [issueAt(base, "base", message, hint)], warnings: [] };
  };
  const path = posix.isAbsolute(base.value) ? base.value : posix.join(posix.dirname(file), base.value);
  if (chain.includes(path)) return refuse(`leads back to ${path}: ${[...chain, path].join(" -> ")}`);
  if (source.readFile === undefined) return refuse("cannot be used without a study file beside it");
  const content = source.readFile(path);
  if (typeof content === "object" && "trouble" in content) {
    return refuse(`cannot read ${path}: ${content.trouble}`, "the path is relative to this file");
  }
  const text = decodeText(path, content);
  if ("message" in text) return { root, issues: [text], warnings: [] };
  const { tree, issues } = parseText(text);
  if (issues.length > 0) return { root, issues, warnings: [] };
  if (tree?.kind !== "map") return refuse(`${path} must be a mapping (key: value)`);
  const below = mergeChain(tree, source, path, [...chain, path]);
  const stripped = withoutKeys(below.root, STUDY_ONLY_KEYS);
  const merged = mergeMaps(stripped, root, (key) => studyShape().keys.get(key) ?? null);
  return { root: merged, issues: below.issues, warnings: [...unusedKeys(tree), ...below.warnings] };
}

function unusedKeys(tree: MapTree): Issue[] {
  return MISSED_KEYS.flatMap((key) => {
    const entry = tree.entries.get(key);
    return entry === undefined ? [] : [issueAt(entry.key, key, "has no effect in a base file", null)];
  });
}
