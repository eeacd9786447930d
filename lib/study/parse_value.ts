import { lexemesOf, type ParsedText, parseText } from "./parse.ts";
import { issueAt, type SourceText } from "./source_text.ts";
import type { ScalarTree, Tree } from "./tree.ts";

/** What stands for more than itself in YAML: the parser takes such parts away from a value and says nothing. */
const MARKS: ReadonlyMap<string, string> = new Map([
  ["alias", "an alias (*)"],
  ["anchor", "an anchor (&)"],
  ["byte-order-mark", "a byte order mark"],
  ["block-scalar-header", "the head of a block of text (| or >)"],
  ["comment", "a comment (#)"],
  ["directive-line", "a directive (%)"],
  ["doc-end", "the end of a document (...)"],
  ["doc-start", "the start of a document (---)"],
  ["tag", "a tag (!)"],
]);
const NOTHING: ReadonlySet<string | null> = new Set(["null", "~"]);

const QUOTES = `put the value in quotes that the shell leaves, such as 'key="value"'`;

/**
 * Reads one value that was given as a text of its own, on the command line say: all of it or an issue, since nobody sees
 * what YAML takes away. Only an empty text, `null` and `~` are nothing.
 */
export function parseValue(source: SourceText): ParsedText {
  const { text } = source;
  if (text.trim() === "") return { tree: null, issues: [] };
  const problem = lostPart(text);
  if (problem !== null) return refuse(source, problem.message, problem.hint);
  const parsed = parseText(source);
  if (parsed.issues.length > 0) return parsed;
  const unsaid = parsed.tree === null ? "" : unsaidNothing(parsed.tree)?.written;
  if (unsaid === undefined) return parsed;
  const message = /^null$/i.test(unsaid ?? "")
    ? `holds ${unsaid}, which YAML reads as null`
    : "holds a key or a place with nothing after it";
  return refuse(source, message, `write null there, or ${QUOTES}`);
}

/** The first part that the value would lose; null where it keeps all. The text is not quoted: it may be a secret. */
function lostPart(text: string): { readonly message: string; readonly hint: string } | null {
  let before = "";
  for (const { type, text: lexeme } of lexemesOf(text)) {
    const isMerge = type === "map-value-ind" && before === "<<";
    if (type === null || type.endsWith("-scalar")) before = lexeme;
    const mark = isMerge ? "a merge (<<)" : type === null ? undefined : MARKS.get(type);
    if (mark !== undefined) {
      return {
        message: `holds what YAML reads as ${mark}, so that it would not be taken as it is`,
        hint: QUOTES,
      };
    }
    const isText = type === null || type.endsWith("quoted-scalar");
    if (isText && /[\r\n]/.test(lexeme)) {
      const message = "holds a text of several lines, which YAML would join";
      return { message, hint: "put it in double quotes, with \\n for the end of a line" };
    }
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

function refuse(source: SourceText, message: string, hint: string): ParsedText {
  return { tree: null, issues: [issueAt({ source, offset: 0 }, "", message, hint)] };
}
