import type { IssueText } from "../messages.ts";
import { notYaml, quoteEndsText, SYNTAX_TEXTS, type SyntaxMistake } from "./messages.ts";

/** By the parser's words; what matches none of these is passed on in the parser's words. */
const MISTAKES: readonly (readonly [pattern: RegExp, mistake: SyntaxMistake])[] = [
  [/^Tabs are not allowed/, "tab"],
  [/^Maximum call stack/, "depth"],
  [/^All (mapping|sequence) items must start/, "alignment"],
  [/^Flow sequence/, "openList"],
  [/^Flow map/, "openMapping"],
  [/^Missing closing "/, "openDoubleQuote"],
  [/^Missing closing '/, "openSingleQuote"],
  [/^Implicit map keys need/, "keyWithoutValue"],
  [/^Nested mappings are not allowed/, "nestedKey"],
  [/^Unexpected flow-(map|seq)-end/, "extraBracket"],
  [/^Unexpected , in flow/, "extraComma"],
  [/^Unexpected scalar at node end/, "strayText"],
  [/^Unexpected block-seq-ind/, "listAfterKey"],
  [/^Plain value cannot start/, "reservedCharacter"],
  [/^Invalid escape sequence/, "escape"],
  [/^A node can have at most one anchor/, "twoAnchors"],
];

/** Puts a parser's message into words for people; `before` is the character before the place. */
export function explainSyntaxError(parserMessage: string, before: string): IssueText {
  if (/^Unexpected scalar at node end/.test(parserMessage) && (before === "'" || before === '"')) {
    return quoteEndsText(before);
  }
  const mistake = MISTAKES.find(([pattern]) => pattern.test(parserMessage))?.[1];
  return mistake === undefined ? { message: notYaml(parserMessage), hint: null } : SYNTAX_TEXTS[mistake];
}
