/** Text from a stranger made safe for a terminal: control characters (ANSI, NUL, CR ...) become visible. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, (run) => run.includes("\n") ? " / " : "?");
}

/** The same for text of several lines, which stay lines. */
export function printableLines(text: string): string {
  return text.split("\n").map((line) => printable(line.replace(/\r$/, ""))).join("\n");
}

/** A value as JSON without any control character: JSON itself lets DEL and those of C1 stand in a string. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A number with four significant digits, without exponent where a person would not expect one. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return value.toExponential(2);
  if (Number.isInteger(value) || size >= 10_000) return String(Math.round(value));
  return String(Number(value.toPrecision(4)));
}

/** `1 run`, `2 runs`; `many` for a noun that does not just take an s. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** The minute of a UTC time of ISO 8601, as people read it: `2026-01-02 03:04`. */
export function minuteText(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}

/** With its full stop, so that the next sentence can follow; empty stays empty. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) || text === "" ? text : `${text}.`;
}

/** Cut to a width, with dots where something is missing. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 3))}...`;
}

/** What was thrown, in its own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
