/** Colours and signs of the plots: told apart without colour, too. */

/**
 * Okabe and Ito's colours (Color Universal Design, 2008), those of them that stand out from white; black is for text. A page may set
 * the variables anew for a dark ground; without them, and without style, each is its own colour.
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
  faint: "var(--faint,#767676)",
  band: "var(--band,#e3e3e3)",
  better: "var(--c1,#0072b2)",
  worse: "var(--c2,#d55e00)",
} as const;

/** One for each colour. */
export const SYMBOLS = [
  "circle",
  "square",
  "triangle",
  "diamond",
  "cross",
  "star",
  "wye",
  "hexagon",
] as const;
export type SymbolName = typeof SYMBOLS[number];

/** The same as paths about (0, 0), for legends. */
export const SYMBOL_PATHS: Readonly<Record<SymbolName, string>> = {
  circle: "M5,0A5,5 0 1 1 -5,0A5,5 0 1 1 5,0Z",
  square: "M-4.4,-4.4H4.4V4.4H-4.4Z",
  triangle: "M0,-5.5L5,3.6H-5Z",
  diamond: "M0,-6L4,0L0,6L-4,0Z",
  cross: "M-5,-1.7H-1.7V-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5Z",
  star: "M0,-6L1.4,-1.9L5.7,-1.9L2.2,0.7L3.5,4.9L0,2.3L-3.5,4.9L-2.2,0.7L-5.7,-1.9L-1.4,-1.9Z",
  wye: "M-1.5,5V0.9L-5,-1.2L-3.6,-3.7L0,-1.7L3.6,-3.7L5,-1.2L1.5,0.9V5Z",
  hexagon: "M0,5.5L4.8,2.8V-2.8L0,-5.5L-4.8,-2.8V2.8Z",
};

/** About what stands out, for legends. */
export const RING = "M5.5,0A5.5,5.5 0 1 1 -5.5,0A5.5,5.5 0 1 1 5.5,0ZM4,0A4,4 0 1 0 -4,0A4,4 0 1 0 4,0Z";

/** One for each colour; as `stroke-dasharray`. */
export const DASHES = ["none", "6 3", "2 2", "8 3 2 3", "1 3", "10 4", "4 1", "6 2 1 2 1 2"] as const;

/** Cividis (Nunez, Anderton, Renslow 2018) in ten steps: for fields, dark to light, also without colour. */
export const CIVIDIS = [
  "#00224e",
  "#123570",
  "#3b496c",
  "#575d6d",
  "#707173",
  "#8a8678",
  "#a59c74",
  "#c3b369",
  "#e1cc55",
  "#fee838",
] as const;

/** What is written on a step of it. */
export function inkOn(step: number): string {
  return step < CIVIDIS.length / 2 ? "#ffffff" : "#000000";
}
