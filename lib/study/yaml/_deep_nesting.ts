/** Far beyond what a study may nest, and far below what the parser's memory can take. */
const DEEPEST_SCAN = 1_000;
const OPENING = /[[\]{}]/g;
const DASHES = new RegExp(`(?:[-?][ \\t]+){${DEEPEST_SCAN}}`);

/**
 * Where a text nests so deeply that parsing it would take all memory, by a glance at its brackets and dashes; null where
 * it does not. Brackets inside quoted texts count as well: a study with a thousand of them left open is refused wrongly.
 */
export function findDeepNesting(text: string): number | null {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(OPENING)) {
    depth = bracket === "[" || bracket === "{" ? depth + 1 : Math.max(0, depth - 1);
    if (depth > DEEPEST_SCAN) return index;
  }
  return DASHES.exec(text)?.index ?? null;
}
