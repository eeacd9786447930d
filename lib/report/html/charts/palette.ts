/** Colours and signs of the plots: told apart without colour, too. */

/**
 * Okabe and Ito's colours (Color Universal Design, 2008), without black, which is for text. A page may set the variables anew
 * for a dark ground; without them, and without style, each is its own colour.
 */
export const COLORS = [
  "var(--c1,#0072b2)",
  "var(--c2,#d55e00)",
  "var(--c3,#009e73)",
  "var(--c4,#cc79a7)",
  "var(--c5,#e69f00)",
  "var(--c6,#56b4e9)",
  "var(--c7,#8a7d00)",
  "var(--c8,#666666)",
] as const;

/** Of what is one and the same in all plots. */
export const INK = {
  /** Text, axes, what is neither good nor bad. */
  plain: "currentColor",
  faint: "var(--faint,#888888)",
  better: "var(--better,#0072b2)",
  worse: "var(--worse,#d55e00)",
  band: "var(--band,#dddddd)",
} as const;

/** One for each colour. */
export const SYMBOLS = ["circle", "square", "triangle", "diamond", "cross", "star", "wye", "times"] as const;
export type SymbolName = typeof SYMBOLS[number];

/** One for each colour; as `stroke-dasharray`. */
export const DASHES = ["none", "6 3", "2 2", "8 3 2 3", "1 3", "10 4", "4 1", "6 2 1 2 1 2"] as const;
