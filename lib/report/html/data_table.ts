import { escaped, Markup } from "./markup.ts";

/** A table of a page. */
export interface DataTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly DataRow[];
  /** How many of the first columns name a row. Default 1. */
  readonly row_heads?: number;
  /** True for one that a reader may want to search: the script puts a field above it. */
  readonly filter?: boolean;
}

export interface DataRow {
  readonly cells: readonly (string | Markup)[];
  /** The configuration that the row is about: a click marks it everywhere. Left out where it is about none. */
  readonly config?: string | null;
  /** The run that the row is about, as marks of plots name it (`data-r`); left out where it is about none. */
  readonly run?: string;
  /** Several runs that the row is about, named in the same way. */
  readonly runs?: readonly string[];
  /** Options of a command line that make this configuration, to be copied. */
  readonly set?: string | null;
}

/** The table in a frame of its own, which scrolls where the page is too narrow, by keyboard as well. */
export function dataTable({ caption, head, rows, row_heads = 1, filter = false }: DataTable): Markup {
  const classes = head.map((_, column) => isNumbers(rows, column, row_heads) ? " class=n" : "");
  const heads = head.map((title, column) => `<th scope="col"${classes[column]}>${escaped(title)}</th>`);
  // The lines of long tables are most of a page: end tags and quotes that HTML does not need are left out of them.
  const lines = rows.map(({ cells, config, run, runs, set }) => {
    const own = cells.map((cell, column) =>
      column < row_heads && cell !== ""
        ? `<th scope=row>${cellText(cell)}`
        : `<td${classes[column]}>${cellText(cell)}`
    );
    const about = [
      attribute("data-c", config),
      attribute("data-r", run),
      attribute("data-rs", runs?.join(" ")),
      attribute("data-set", set),
    ];
    return `<tr${about.join("")}>${own.join("")}\n`;
  });
  return new Markup(
    `<div class="scroll" role="region" aria-label="${escaped(caption)}" tabindex="0">` +
      `<table${filter ? " data-filter" : ""}><caption><span>${escaped(caption)}</span></caption>\n` +
      `<thead><tr>${heads.join("")}</tr></thead>\n<tbody>\n${lines.join("")}</tbody></table></div>\n`,
  );
}

function cellText(cell: string | Markup): string {
  return typeof cell === "string" ? escaped(cell) : cell.text;
}

function attribute(
  name: "data-c" | "data-r" | "data-rs" | "data-set",
  value: string | null | undefined,
): string {
  return value === undefined || value === null ? "" : ` ${name}="${escaped(value)}"`;
}

/** Numbers align at their ends. */
function isNumbers(rows: readonly DataRow[], column: number, row_heads: number): boolean {
  return column >= row_heads && rows.length > 0 && rows.every(({ cells }) => {
    const cell = cells[column] ?? "";
    return typeof cell === "string" && /^([-+<>=~]?\s?[\d.].*|-|)$/.test(cell);
  });
}
