import { middleOf, type PlotRow, type RunValue } from "./rows.ts";

export interface FrontAxis {
  readonly metric: string;
  readonly better: "less" | "more";
}

/** The experiments that none other beats on every axis. */
export function confidentFront(
  rows: readonly PlotRow[],
  axes: readonly FrontAxis[],
  _runsOf: (row: PlotRow, metric: string) => readonly RunValue[],
): PlotRow[] {
  const points = rows.flatMap((row) => {
    const values = axes.map(({ metric, better }) => {
      const middle = middleOf(row.row.metrics[metric])?.middle;
      return middle === undefined ? NaN : better === "less" ? middle : -middle;
    });
    return values.some(Number.isNaN) ? [] : [{ row, values }];
  });
  return points.filter((point) =>
    !points.some((other) => other !== point && beats(other.values, point.values))
  ).map(({ row }) => row);
}

function beats(one: readonly number[], other: readonly number[]): boolean {
  return one.every((value, axis) => value <= (other[axis] ?? NaN)) &&
    one.some((value, axis) => value < (other[axis] ?? NaN));
}
