import type { Summary, SummaryRow } from "./summary.ts";

/** Characters of one piece of the text, about. */
const PIECE_CHARS = 64 * 1024;

/**
 * The text of summary.json, in pieces: one of 60,000 rows is longer than a text may be. A member of a row takes a line, and so
 * does each metric; `values`, which `show --json` has, is left out.
 */
export function* summaryJsonPieces({ rows, ...head }: Summary): Generator<string> {
  // Rows stand where they always stood, before what a search found.
  const members = Object.entries({ ...head, rows }).sort(([a], [b]) => order(a) - order(b));
  let piece = "{";
  for (const [index, [name, value]] of members.filter(([, value]) => value !== undefined).entries()) {
    piece += `${index === 0 ? "" : ","}\n ${JSON.stringify(name)}: `;
    if (name !== "rows") {
      piece += JSON.stringify(value, null, 1).replaceAll("\n", "\n ");
      continue;
    }
    piece += "[";
    for (const [at, row] of rows.entries()) {
      piece += `${at === 0 ? "" : ","}\n  ${rowText(row)}`;
      if (piece.length < PIECE_CHARS) continue;
      yield piece;
      piece = "";
    }
    piece += rows.length === 0 ? "]" : "\n ]";
  }
  yield `${piece}\n}\n`;
}

function order(name: string): number {
  return name === "search" ? 2 : name === "rows" ? 1 : 0;
}

function rowText({ values: _, ...row }: SummaryRow): string {
  const members = Object.entries(row).filter(([, value]) => value !== undefined);
  return `{\n${members.map(([name, value]) => `   ${memberText(name, value)}`).join(",\n")}\n  }`;
}

function memberText(name: string, value: unknown): string {
  if (name !== "metrics") return `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
  const metrics = Object.entries(value as SummaryRow["metrics"]);
  const lines = metrics.map(([metric, spread]) => `    ${JSON.stringify(metric)}: ${JSON.stringify(spread)}`);
  return lines.length === 0 ? `"metrics": {}` : `"metrics": {\n${lines.join(",\n")}\n   }`;
}
