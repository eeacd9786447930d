import type { IssueText } from "../messages.ts";
import { linesWouldJoin, nothingGiven, readAsNull, YAML_MARKS, yamlMark } from "./messages.ts";
import { lexemesOf, type ParsedText, parseText } from "./parse.ts";
import { issueAt, type SourceText } from "../source_text.ts";
import type { ScalarTree, Tree } from "../tree.ts";

const NOTHING: ReadonlySet<string | null> = new Set(["null", "~"]);

/**
 * Reads one value that was given as a text of its own, on the command line say: all of it or an issue, since nobody sees
 * what YAML takes away. Only an empty text, `null` and `~` are nothing.
 */
export function parseValue(source: SourceText): ParsedText {
  const { text } = source;
  if (text.trim() === "") return { tree: null, issues: [] };
  const problem = lostPart(text);
  if (problem !== null) return refuse(source, problem);
  const parsed = parseText(source);
  if (parsed.issues.length > 0) return parsed;
  const unsaid = parsed.tree === null ? "" : unsaidNothing(parsed.tree)?.written;
  if (unsaid === undefined) return parsed;
  return refuse(source, unsaid !== null && /^null$/i.test(unsaid) ? readAsNull(unsaid) : nothingGiven());
}

/** The first part that the value would lose; null where it keeps all. The text is not quoted: it may be a secret. */
function lostPart(text: string): IssueText | null {
  let before = "";
  for (const { type, text: lexeme } of lexemesOf(text)) {
    const isMerge = type === "map-value-ind" && before === "<<";
    if (type === null || type.endsWith("-scalar")) before = lexeme;
    const mark = isMerge ? YAML_MARKS.merge : type === null ? undefined : YAML_MARKS[type];
    if (mark !== undefined) return yamlMark(mark);
    const isText = type === null || type.endsWith("quoted-scalar");
    if (isText && /[\r\n]/.test(lexeme)) return linesWouldJoin();
  }
  return null;
}

/** The first null that nobody wrote: a key without a value, a place of a list without one. */
function unsaidNothing(tree: Tree): ScalarTree | null {
  if (tree.kind === "scalar") return tree.value === null && !NOTHING.has(tree.written) ? tree : null;
  const parts = tree.kind === "list" ? tree.items : [...tree.entries.values()].map(({ value }) => value);
  for (const part of parts) {
    const found = unsaidNothing(part);
    if (found !== null) return found;
  }
  return null;
}

function refuse(source: SourceText, text: IssueText): ParsedText {
  return { tree: null, issues: [issueAt({ source, offset: 0 }, "", text)] };
}
