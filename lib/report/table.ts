import Table from "cli-table3";
import { printable } from "../base/text.ts";

/** Borders without lines between rows: reads well in a mail and in a log. */
const CHARS = {
  "top": "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  "bottom": "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  "left": "",
  "left-mid": "",
  "mid": "",
  "mid-mid": "",
  "right": "",
  "right-mid": "",
  "middle": "  ",
};

/** A plain table, first row the head; columns of numbers align right. Cells are made printable. Ends with a newline. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const aligns = head.map((_, column) =>
    rows.every((row) => isNumeric(row[column] ?? "")) ? "right" : "left"
  );
  const table = new Table({
    head: head.map(printable),
    chars: CHARS,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colAligns: aligns as ("left" | "right")[],
  });
  for (const row of rows) table.push(row.map(printable));
  return table.toString().split("\n").map((line) => line.trimEnd()).join("\n") + "\n";
}

function isNumeric(text: string): boolean {
  return text === "" || text === "-" || /^[-+\d]/.test(text);
}
