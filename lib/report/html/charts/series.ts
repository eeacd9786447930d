import { cell } from "../../../results/varied.ts";
import type { SummaryRow } from "../../../results/summary.ts";
import { variedText } from "../../run_name.ts";
import { COLORS, DASHES, type SymbolName, SYMBOLS } from "./palette.ts";

/** How the experiments of a page are told from each other: by colour, symbol and dash. */
export interface Series {
  readonly label: string;
  readonly color: string;
  readonly symbol: SymbolName;
  readonly dash: string;
}

export interface SeriesOf {
  readonly all: readonly Series[];
  /** By the position of a row. */
  readonly of: (row: number) => Series;
}

/**
 * Each row by itself where there are no more than signs; else the rows by what they have in common: the varied path with the
 * fewest values, at least two and no more than signs; else all alike.
 */
export function seriesOfRows(rows: readonly SummaryRow[]): SeriesOf {
  const names = rows.map(rowName);
  const keys = rows.length <= COLORS.length ? names : commonKeys(rows) ?? rows.map(() => "");
  const labels = [...new Set(keys)];
  const all = labels.map((label, index): Series => ({
    label,
    color: COLORS[index % COLORS.length] ?? COLORS[0],
    symbol: SYMBOLS[index % SYMBOLS.length] ?? SYMBOLS[0],
    dash: DASHES[index % DASHES.length] ?? DASHES[0],
  }));
  const byLabel = new Map(all.map((series) => [series.label, series]));
  const [first = { label: "", color: COLORS[0], symbol: SYMBOLS[0], dash: DASHES[0] }] = all;
  return { all, of: (row) => byLabel.get(keys[row] ?? "") ?? first };
}

/** What people call an experiment: the values that tell it from the others. */
export function rowName({ varied, load, model, backend }: SummaryRow): string {
  return variedText(varied, load ?? null) || `${backend} ${model}`;
}

function commonKeys(rows: readonly SummaryRow[]): string[] | null {
  const paths = [...new Set(rows.flatMap(({ varied }) => Object.keys(varied)))];
  const found = paths.map((path) => {
    const keys = rows.map(({ varied }) => `${path.slice(path.lastIndexOf(".") + 1)}=${cell(varied[path])}`);
    return { keys, count: new Set(keys).size };
  }).filter(({ count }) => count >= 2 && count <= COLORS.length).sort((a, b) => a.count - b.count);
  return found[0]?.keys ?? null;
}
