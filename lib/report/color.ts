/** Adds colour, or nothing where colour is not wanted. */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly weak: (text: string) => string;
}

const RESET = "\x1b[0m";
const paint = (code: number) => (text: string): string => `\x1b[${code}m${text}${RESET}`;
const same = (text: string): string => text;

/** Colour belongs on a terminal only, and not where NO_COLOR (no-color.org) is set to anything. */
export function palette(isTerminal: boolean, noColor: string | undefined): Palette {
  if (!isTerminal || (noColor !== undefined && noColor !== "")) return { good: same, bad: same, weak: same };
  return { good: paint(32), bad: paint(31), weak: paint(2) };
}
