/** Longest line of a page of documentation, in characters. */
export const PAGE_WIDTH = 120;

/** A code span, a link or a word, with the punctuation at both ends. */
const TOKEN = /(?:`[^`]*`|\[[^\][]{0,60}\]\([^)\s]*\)|\S)+/g;
/** What would begin a list, a heading, a quotation or a table at the begin of a line. */
const BLOCK_START = /^(?:[-+*]$|[>|]|\d+[.)]$|#{1,6}$|<!--|```)/;
const LIST_ITEM = /^(\s*)([-*]|\d+\.) +/;

/** Breaks the prose of a Markdown page at `PAGE_WIDTH`; code, tables, headings and comments stay as they are. */
export function wrapMarkdown(text: string): string {
  const out: string[] = [];
  let paragraph: string[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) out.push(...wrapped(paragraph));
    paragraph = [];
  };
  let isFenced = false;
  for (const line of text.split("\n")) {
    if (line.trimStart().startsWith("```")) isFenced = !isFenced;
    const isCode = isFenced || line.trimStart().startsWith("```") ||
      (paragraph.length === 0 && /^ {4}/.test(line) && !LIST_ITEM.test(out.at(-1) ?? ""));
    if (isCode || line.trim() === "" || /^(?:#|\||<!--)/.test(line)) {
      flush();
      out.push(line);
      continue;
    }
    if (LIST_ITEM.test(line)) flush();
    paragraph.push(line);
  }
  flush();
  return out.join("\n");
}

/** The lines of a paragraph or of one item of a list, its first line with its own indent. */
function wrapped(lines: readonly string[]): string[] {
  const [first = ""] = lines;
  const marker = LIST_ITEM.exec(first)?.[0] ?? /^\s*/.exec(first)?.[0] ?? "";
  const words = unbreakable([first.slice(marker.length), ...lines.slice(1)].join(" ").match(TOKEN) ?? []);
  const indent = " ".repeat(marker.length);
  const done: string[] = [];
  let line = marker;
  for (const word of words) {
    const isEmpty = line.trim() === marker.trim();
    const longer = isEmpty ? line + word : `${line} ${word}`;
    if (longer.length > PAGE_WIDTH && !isEmpty) {
      done.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...done, line];
}

/** Joins what cannot begin a line to the word before it. */
function unbreakable(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1);
    if (before !== undefined && BLOCK_START.test(word)) joined[joined.length - 1] = `${before} ${word}`;
    else joined.push(word);
  }
  return joined;
}
