import { printable } from "../../base/text.ts";

/** Text that is HTML already: whatever else is put into a page is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes; null is nothing. */
export type Part = Markup | string | number | null | readonly Part[];

/**
 * A piece of a page: the parts between the pieces of the template are escaped, in text as in attributes in double quotes,
 * unless they are Markup. Its lines begin at their start, however far the source is indented. This is the only way in which a
 * text of a study reaches a page.
 */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const text = pieces.map((piece, index) =>
    piece.replace(/\n\s*/g, "\n") + (index < parts.length ? rendered(parts[index] ?? null) : "")
  );
  return new Markup(text.join("").trimStart());
}

/** As it stands in a page, in text and in attributes in double quotes. Control characters and those that turn the direction of text become visible. */
export function escaped(text: string): string {
  return printable(text)
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A value for a script to read, as JSON that no text can end or turn the direction of: the content of `<script type="application/json">`. */
export function scriptJson(value: unknown): Markup {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return new Markup(text);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function rendered(part: Part): string {
  if (part === null) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escaped(part);
  return typeof part === "number" ? String(part) : part.map(rendered).join("");
}
