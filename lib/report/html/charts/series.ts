import { COLORS, DASHES, SYMBOL_PATHS, type SymbolName, SYMBOLS } from "./palette.ts";
import { type PlotRow, variedCell } from "./rows.ts";
import type { LegendEntry } from "./drawing.ts";

/** How the experiments of a page are told from each other: by colour, symbol and dash. */
export interface Series {
  readonly label: string;
  readonly color: string;
  readonly symbol: SymbolName;
  readonly dash: string;
}

export interface PageSeries {
  /** With more than one label. */
  readonly all: readonly Series[];
  readonly of: (row: PlotRow) => Series;
}

/** More cannot be told apart. */
const MOST = COLORS.length;

/** Those of some labels, in the order of their first occurrence; more labels than signs are all alike. */
export function seriesBy(rows: readonly PlotRow[], labelOf: (row: PlotRow) => string): PageSeries {
  const labels = [...new Set(rows.map(labelOf))];
  if (labels.length > MOST) return { all: [], of: () => seriesAt("", 0) };
  const all = labels.map(seriesAt);
  const byLabel = new Map(all.map((series) => [series.label, series]));
  return { all: all.length > 1 ? all : [], of: (row) => byLabel.get(labelOf(row)) ?? seriesAt("", 0) };
}

function seriesAt(label: string, index: number): Series {
  return {
    label,
    color: COLORS[index] ?? COLORS[0],
    symbol: SYMBOLS[index] ?? SYMBOLS[0],
    dash: DASHES[index] ?? DASHES[0],
  };
}

/**
 * Each experiment by itself where there are no more than signs; else by what they have in common: their study, or the varied path with
 * the fewest values; else all alike.
 */
export function pageSeries(rows: readonly PlotRow[]): PageSeries {
  if (rows.length <= MOST) return seriesBy(rows, ({ name }) => name);
  const studies = new Set(rows.map(({ study }) => study));
  if (studies.size > 1) return seriesBy(rows, ({ study }) => String(study + 1));
  const paths = [...new Set(rows.flatMap(({ row }) => Object.keys(row.varied)))];
  const found = paths.map((path) => ({ path, count: new Set(rows.map((row) => variedCell(row, path))).size }))
    .filter(({ count }) => count >= 2 && count <= MOST).sort((a, b) => a.count - b.count)[0];
  if (found === undefined) return seriesBy(rows, () => "");
  const { path } = found;
  return seriesBy(rows, (row) => `${path.slice(path.lastIndexOf(".") + 1)}=${variedCell(row, path)}`);
}

/** The legend of marks with symbols. */
export function symbolLegend({ all }: PageSeries): LegendEntry[] {
  return all.map(({ label, color, symbol }) => ({ label, color, symbol: SYMBOL_PATHS[symbol] }));
}

/** The legend of lines. */
export function lineLegend({ all }: PageSeries): LegendEntry[] {
  return all.map(({ label, color, dash }) => ({ label, color, dash, symbol: null }));
}

/** Marks of one colour and symbol stand together, so that these are said once. */
export function bySeries<T extends { readonly series: Series }>(
  points: readonly T[],
): (readonly [series: Series, points: readonly T[]])[] {
  return [...Map.groupBy(points, ({ series }) => series.label)].flatMap(([, own]) => {
    const [first] = own;
    return first === undefined ? [] : [[first.series, own] as const];
  });
}
