/** The texts of lib/study/yaml for people: what keeps a text from being the YAML of a study. */
import type { IssueText } from "../messages.ts";

/** Where YAML's grammar is broken. */
export const SYNTAX_TEXTS = {
  tab: { message: "is indented with a tab", hint: "indent with spaces" },
  depth: { message: "is nested too deeply", hint: null },
  alignment: { message: "is not aligned with the entries before it", hint: "align it with them" },
  openList: { message: "the list opened with [ is not closed before this", hint: "close it with ]" },
  openMapping: { message: "the mapping opened with { is not closed before this", hint: "close it with }" },
  openDoubleQuote: { message: 'the text opened with " is not closed', hint: 'close it with "' },
  openSingleQuote: { message: "the text opened with ' is not closed", hint: "close it with '" },
  keyWithoutValue: { message: "is a key without a value", hint: "write key: value" },
  nestedKey: {
    message: "contains a second key: value inside a value",
    hint: "start every key in the same column, and put a value that contains a colon in quotes",
  },
  extraBracket: { message: "is an extra closing bracket", hint: "remove it" },
  extraComma: { message: "is an extra comma", hint: "remove it" },
  strayText: { message: "is unexpected here: it belongs to no key", hint: "check its indentation" },
  listAfterKey: {
    message: "a list with - cannot start on the line of its key",
    hint: "put each - on a line of its own, or write [a, b]",
  },
  reservedCharacter: {
    message: "starts with a character that YAML reserves",
    hint: "put the value in quotes",
  },
  escape: { message: "contains an invalid escape sequence", hint: "use single quotes" },
  twoAnchors: { message: "has two anchors", hint: "keep one" },
} as const satisfies Readonly<Record<string, IssueText>>;

/** A mistake in YAML's grammar. */
export type SyntaxMistake = keyof typeof SYNTAX_TEXTS;

/** A quote inside a text in the same quotes. */
export function quoteEndsText(mark: "'" | '"'): IssueText {
  const hint = `write the text in ${mark === "'" ? 'double quotes "' : "single quotes '"}`;
  return { message: "the quoted text ends before this", hint };
}

export function notYaml(parserMessage: string): string {
  return `is not YAML: ${parserMessage}`;
}

export function nestedTooDeeply(): string {
  return SYNTAX_TEXTS.depth.message;
}

export function deeperThan(most: number): string {
  return `is nested more than ${most} levels deep`;
}

export function olderYaml(): IssueText {
  return { message: "declares YAML 1.1, must be YAML 1.2", hint: "remove the line" };
}

export function secondDocument(): IssueText {
  return {
    message: "a second YAML document starts here",
    hint: "a study is one document: join them, or split the file",
  };
}

export function unsupportedTag(tag: string): IssueText {
  return { message: `has the unsupported tag ${tag}`, hint: "remove it" };
}

export function aliasOfItself(name: string): string {
  return `*${name} refers to the value that contains it`;
}

export function aliasUndefined(name: string): string {
  return `*${name} refers to nothing: there is no &${name} before it`;
}

export function tooManyAliased(most: number): IssueText {
  return {
    message: `aliases expand to more than ${most.toLocaleString("en-US")} values`,
    hint: "write a sweep instead",
  };
}

export function loneSurrogate(): string {
  return "contains half of a surrogate pair, which is not a character";
}

export function keyGivenTwice(): IssueText {
  return { message: "is given twice in one mapping", hint: "keep one" };
}

export function notMergeable(): string {
  return "must be a mapping or a list of mappings to merge";
}

export function invalidKey(): IssueText {
  return { message: "contains an invalid key", hint: "a key is a word such as model" };
}

/** Parts that YAML takes away from a value, by the lexer's name for them. */
export const YAML_MARKS: Readonly<Record<string, string>> = {
  "alias": "an alias (*)",
  "anchor": "an anchor (&)",
  "byte-order-mark": "a byte order mark",
  "block-scalar-header": "a block scalar header (| or >)",
  "comment": "a comment (#)",
  "directive-line": "a directive (%)",
  "doc-end": "a document end marker (...)",
  "doc-start": "a document start marker (---)",
  "merge": "a merge (<<)",
  "tag": "a tag (!)",
};

const QUOTES = `put the value in quotes inside those of the shell, such as 'key="value"'`;

/** `mark` is one of YAML_MARKS. The value is not quoted: it may be a secret. */
export function yamlMark(mark: string): IssueText {
  return { message: `contains what YAML reads as ${mark}, which would change the value`, hint: QUOTES };
}

export function linesWouldJoin(): IssueText {
  return {
    message: "contains a line break, which YAML would replace with a space",
    hint: "put the value in double quotes, with \\n for the end of a line",
  };
}

export function readAsNull(written: string): IssueText {
  return { message: `contains ${written}, which YAML reads as null`, hint: writeNull() };
}

export function nothingGiven(): IssueText {
  return { message: "contains a key or a list item without a value", hint: writeNull() };
}

function writeNull(): string {
  return `write null there, or ${QUOTES}`;
}
