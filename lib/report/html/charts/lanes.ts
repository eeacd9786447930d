import { largest } from "../../../base/numbers.ts";
import type { LegendEntry } from "./drawing.ts";

const MOST_LETTERS = 36;

/** What an axis of lines with names is made of: the lines are `"0"`, `"1"` and so on. */
export interface LaneAxis {
  readonly marginLeft: number;
  readonly y: {
    readonly domain: readonly string[];
    readonly label: null;
    readonly tickSize: number;
    readonly tickFormat: (lane: string) => string;
    readonly padding: number;
  };
}

/** A vertical axis with a line for each name, long ones cut. */
export function laneAxis(names: readonly string[]): LaneAxis {
  const short = names.map((name) =>
    name.length <= MOST_LETTERS ? name : `${name.slice(0, MOST_LETTERS - 3)}...`
  );
  return {
    marginLeft: 20 + 6.5 * largest(short.map(({ length }) => length), 0),
    y: {
      domain: names.map((_, lane) => String(lane)),
      label: null,
      tickSize: 0,
      tickFormat: (lane) => short[Number(lane)] ?? "",
      padding: 0.15,
    },
  };
}

/** The height of a plot of so many lines; many are closer to each other. */
export function lanesHeight(count: number): number {
  return count * (count > 40 ? 13 : 20) + 60;
}

/** A bar of a legend, as high as its share of a line. */
export function barEntry(label: string, color: string, height = 1): LegendEntry {
  const half = Number((6 * height).toFixed(1));
  return { label, color, symbol: `M-8,${-half}H8V${half}H-8Z` };
}
