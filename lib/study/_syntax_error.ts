/** What a person should read about a place where YAML's grammar is broken. */
export interface SyntaxExplanation {
  readonly message: string;
  readonly hint: string | null;
}

type Explain = readonly [pattern: RegExp, message: string, hint: string | null];

/** By the parser's words; what none of these knows is passed on as the parser says it. */
const EXPLANATIONS: readonly Explain[] = [
  [/^Tabs are not allowed/, "is indented with a tab", "indent with spaces"],
  [/^Maximum call stack/, "is nested too deeply", null],
  [
    /^All (mapping|sequence) items must start/,
    "is indented differently from its neighbours",
    "align it with them",
  ],
  [/^Flow sequence/, "a list opened with [ is not closed before this", "close it with ]"],
  [/^Flow map/, "a mapping opened with { is not closed before this", "close it with }"],
  [/^Missing closing "/, 'a text opened with " is not closed', 'close it with "'],
  [/^Missing closing '/, "a text opened with ' is not closed", "close it with '"],
  [/^Implicit map keys need/, "is a key without a value", "write key: value"],
  [
    /^Nested mappings are not allowed/,
    "holds a second key: value inside a value",
    "start every key in one column, put a value that holds a colon in quotes",
  ],
  [/^Unexpected flow-(map|seq)-end/, "is a closing bracket too many", "remove it"],
  [/^Unexpected , in flow/, "is a comma too many", "remove it"],
  [
    /^Unexpected scalar at node end/,
    "belongs neither to what stands before it nor to a key",
    "check how it is indented",
  ],
  [
    /^Unexpected block-seq-ind/,
    "a list starts on the line of its key",
    "put each - on a line of its own, or write [a, b]",
  ],
  [
    /^Plain value cannot start/,
    "starts with a character that YAML keeps for itself",
    "put the value in quotes",
  ],
  [/^Invalid escape sequence/, "holds an escape that YAML does not know", "use single quotes"],
  [/^A node can have at most one anchor/, "has two anchors", "keep one"],
];

/** Puts a parser's message into words for people; `before` is the character before the place. */
export function explainSyntaxError(parserMessage: string, before: string): SyntaxExplanation {
  if (/^Unexpected scalar at node end/.test(parserMessage) && (before === "'" || before === '"')) {
    const hint = `write the text in ${before === "'" ? 'double quotes "' : "single quotes '"}`;
    return { message: "a text in quotes ends before this", hint };
  }
  const known = EXPLANATIONS.find(([pattern]) => pattern.test(parserMessage));
  if (known !== undefined) return { message: known[1], hint: known[2] };
  return { message: `is not YAML: ${parserMessage}`, hint: null };
}
