import { NOT_A_NUMBER } from "./fit_fields.ts";

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
  // Most of what is no JSON is broken for another reason.
  if (!/nan|inf/i.test(text)) return null;
  const parts: string[] = [];
  let found = 0;
  // Text in quotes stands as it is: only what lies between is looked at.
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('"', at);
    const end = open === -1 ? text.length : open;
    parts.push(
      text.slice(at, end).replace(NOT_NUMBER, (name) => {
        found += 1;
        return `"${NOT_A_NUMBER}${name}"`;
      }),
    );
    if (open === -1) break;
    const close = endOfText(text, open + 1);
    parts.push(text.slice(open, close));
    at = close;
  }
  return found === 0 ? null : parts.join("");
}

/** The place after the closing quote of a text that begins there. */
function endOfText(text: string, from: number): number {
  for (let at = from;; at++) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\" && quote - 1 - backslashes >= from) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote;
  }
}
