import { paretoFront } from "../../../statistics/pareto_front.ts";
import { middleOf, type PlotRow, type RunValue } from "./rows.ts";

/** A metric by which experiments are judged. */
export interface PlotFrontAxis {
  readonly metric: string;
  readonly better: "less" | "more";
  /** By what the metric of an experiment is divided; left out where it stands as it is. */
  readonly per?: (row: PlotRow) => number;
}

/** The experiments that are worth a look where nobody says how much of one metric another is worth. */
export interface PlotFront {
  /** None is as good on every axis and better on one, on average. */
  readonly by_means: ReadonlySet<PlotRow>;
  /** None is better on every axis for sure; null where there are too few common cycles, or too many experiments, to say. */
  readonly confident: ReadonlySet<PlotRow> | null;
}

/** Each is tested against each. */
const MOST_TESTED = 200;
const FEWEST_CYCLES = 3;

/** Of experiments of one study by the cycles that all of them have; of several studies by their means. */
export function plotFront(
  rows: readonly PlotRow[],
  axes: readonly PlotFrontAxis[],
  runsOf: (row: PlotRow, metric: string) => readonly RunValue[],
): PlotFront {
  const points = rows.flatMap((row) => {
    const costs = axes.map(({ metric, better, per }) => {
      const middle = (middleOf(row.row, metric)?.middle ?? NaN) / (per?.(row) ?? 1);
      return better === "less" ? middle : -middle;
    });
    return costs.some(Number.isNaN) ? [] : [{ row, costs }];
  });
  const known = points.map(({ row }) => row);
  return { by_means: byMeans(points), confident: confident(known, axes, runsOf) };
}

interface Point {
  readonly row: PlotRow;
  readonly costs: readonly number[];
}

/** In the order of the first cost a point is beaten by one before it, if at all; with two axes the last of the front tells. */
function byMeans(points: readonly Point[]): ReadonlySet<PlotRow> {
  const sorted = points.toSorted((a, b) => compareCosts(a.costs, b.costs));
  const front: Point[] = [];
  for (const point of sorted) {
    if (!front.some((other) => beats(other.costs, point.costs))) front.push(point);
  }
  return new Set(front.map(({ row }) => row));
}

function compareCosts(one: readonly number[], other: readonly number[]): number {
  const axis = one.findIndex((cost, index) => cost !== other[index]);
  return axis === -1 ? 0 : (one[axis] ?? 0) - (other[axis] ?? 0);
}

function beats(one: readonly number[], other: readonly number[]): boolean {
  return one.every((cost, axis) => cost <= (other[axis] ?? NaN)) &&
    one.some((cost, axis) => cost < (other[axis] ?? NaN));
}

function confident(
  rows: readonly PlotRow[],
  axes: readonly PlotFrontAxis[],
  runsOf: (row: PlotRow, metric: string) => readonly RunValue[],
): ReadonlySet<PlotRow> | null {
  if (rows.length > MOST_TESTED || new Set(rows.map(({ study }) => study)).size !== 1) return null;
  const values = axes.map(({ metric, per }) =>
    rows.map((row) =>
      new Map(runsOf(row, metric).map(({ run, value }) => [run.cycle, value / (per?.(row) ?? 1)]))
    )
  );
  const all = values.flat();
  const cycles = [...all[0]?.keys() ?? []].filter((cycle) => all.every((own) => (own.get(cycle) ?? 0) > 0));
  if (cycles.length < FEWEST_CYCLES) return null;
  const { confident } = paretoFront(axes.map(({ better }, axis) => ({
    better,
    values: (values[axis] ?? []).map((own) => cycles.map((cycle) => own.get(cycle) ?? NaN)),
  })));
  return new Set(confident.flatMap((at) => rows[at] ?? []));
}
