import { NOT_A_NUMBER } from "./marks.ts";

/**
 * JSON.parse that also takes what many languages write for a number that JSON does not have: NaN, nan, Infinity, -inf ...
 * Each is read as a text that begins with NOT_A_NUMBER. Throws SyntaxError as JSON.parse does.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const marked = markNotNumbers(text);
    if (marked === null) throw error;
    try {
      return JSON.parse(marked);
    } catch {
      throw error;
    }
  }
}

const NOT_NUMBER = /[-+]?\b(?:nan|inf(?:inity)?)\b/gi;

/** The text with each such number in quotes and marked; null where there is none. */
function markNotNumbers(text: string): string | null {
  let marked = "";
  let taken = 0;
  /** The text in quotes that was met last ends there, and the next one begins there. */
  let close = 0;
  let open = text.indexOf('"');
  for (const { index, 0: name } of text.matchAll(NOT_NUMBER)) {
    // What stands in quotes is text.
    while (open !== -1 && open < index) {
      close = endOfText(text, open + 1);
      open = text.indexOf('"', close);
    }
    if (close > index) continue;
    marked += `${text.slice(taken, index)}"${NOT_A_NUMBER}${name}"`;
    taken = index + name.length;
  }
  return taken === 0 ? null : marked + text.slice(taken);
}

/** The place after the closing quote of a text that begins there. */
function endOfText(text: string, from: number): number {
  for (let at = from;; at++) {
    at = text.indexOf('"', at);
    if (at === -1) return text.length;
    let before = at - 1;
    while (before >= from && text[before] === "\\") before -= 1;
    // A backslash that is not itself escaped makes the quote a part of the text.
    if ((at - before) % 2 === 1) return at + 1;
  }
}
