import { experimentShape } from "./study_schema.ts";
import { followPath } from "./follow_path.ts";
import { parseValue } from "./yaml/parse_value.ts";
import type { Override } from "./study.ts";
import { type ListTree, type Tree, treeOfJson } from "./tree.ts";
import type { SourceText } from "./source_text.ts";

/** What an option says that gives several values to try. */
export interface SweptOption {
  readonly values: ListTree;
  /** True where a list could also have been meant as one value. */
  readonly ambiguous: boolean;
}

/** Declared types whose values hold no comma and are no lists: several of them can only be meant as a sweep. */
const COMMA_KINDS: readonly string[] = ["number", "flag", "choice"];

/**
 * The values that an option sweeps: a list with commas where a number, true or false or one of some words is due,
 * `[a, b]` also where a text is due and below `params`. Null where the option gives one value.
 */
export function sweptOption(
  path: string,
  value: Tree,
  override: Override,
  source: SourceText,
): SweptOption | null {
  const end = followPath(experimentShape(), path);
  const isParameter = path.startsWith("params.");
  const kind = end.kind === "slot" ? end.slot.shape.kind : isParameter ? "free" : null;
  if (kind === null) return null;
  const takesCommas = COMMA_KINDS.includes(kind);
  if (value.kind === "list") {
    const sweeps = takesCommas || kind === "text" || (kind === "free" && isParameter);
    return sweeps && value.items.length > 0 ? { values: value, ambiguous: kind === "free" } : null;
  }
  if (!takesCommas || value.kind !== "scalar" || typeof value.value !== "string") return null;
  const items = commaItems(value.value, override, source);
  return items === null ? null : { values: { ...value, kind: "list", items }, ambiguous: false };
}

/** The parts of a list with commas, each read as the option's value alone would be; null where it is none. */
function commaItems(text: string, override: Override, source: SourceText): Tree[] | null {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length < 2 || parts.includes("")) return null;
  const items: Tree[] = [];
  for (const part of parts) {
    const location = { source, offset: 0 };
    if ("value" in override) {
      items.push(treeOfJson(part, location));
      continue;
    }
    const { tree, issues } = parseValue({ ...source, text: part });
    if (tree === null || issues.length > 0) return null;
    items.push(tree);
  }
  return items;
}
