import { append } from "../../base/numbers.ts";
import { logInterval } from "../../statistics/log_interval.ts";
import { twoGroups } from "../../statistics/modes.ts";
import { type Prediction, predictionInterval } from "../../statistics/prediction.ts";
import { type Direction, metricDeclaration } from "../metric_declarations.ts";
import type { Circumstances } from "../study_table.ts";
import { changesSince } from "./changes.ts";
import type { HistoryPoint, HistoryVerdict, MetricHistory, PointStanding } from "./history.ts";

/** Of fewer earlier studies the interval says next to nothing. */
export const FEWEST_STUDIES = 8;
export const HISTORY_CONFIDENCE = 0.95;
/** Logarithms and back: equal values must not lie beside an interval that has no width. */
const ROUNDING = 1e-9;

/** One study with the configuration. */
export interface StudyRuns {
  readonly study_dir: string;
  readonly started_at: string | null;
  readonly llem_version: string | null;
  /** The metrics of each completed run. */
  readonly runs: readonly Readonly<Record<string, number | null>>[];
  readonly circumstances: Circumstances;
}

export interface HistoryMetric {
  readonly name: string;
  readonly better: Direction;
}

/** The history of a metric over studies, the oldest first. */
export function metricHistory(studies: readonly StudyRuns[], { name, better }: HistoryMetric): MetricHistory {
  const level = new Level(better);
  let before: Circumstances | null = null;
  const points: HistoryPoint[] = [];
  for (const { runs, circumstances, ...study } of studies) {
    const values = runs.flatMap((run) => run[name] ?? []);
    if (values.length === 0 || values.some((value) => !(value > 0))) continue;
    const interval = logInterval(values);
    const value = interval?.mean ?? values[0] ?? NaN;
    const expected = level.expected();
    points.push({
      ...study,
      n: values.length,
      value,
      low95: interval?.low ?? null,
      high95: interval?.high ?? null,
      expected,
      standing: level.take(value, expected),
      changes: before === null ? [] : changesSince(before, circumstances),
    });
    before = circumstances;
  }
  return {
    metric: name,
    unit: metricDeclaration(name)?.unit ?? null,
    better,
    verdict: verdictOf(points),
    without_value: studies.length - points.length,
    two_groups: twoGroups(points.filter(isUsual).map(({ value }) => value)),
    points,
  };
}

/**
 * The studies that the next one is held against. A single one outside was chance and counts once the next is not outside, too;
 * left out, it would make what is expected narrower than studies are. Several in a row that are worse never count: what got
 * worse stays so until it is mended. Several that are better are what is expected from then on, once they are enough for an
 * interval of their own.
 */
class Level {
  readonly #better: Direction;
  #values: number[] = [];
  /** Those that were last, outside on one side. */
  #outside: { readonly side: Side; readonly values: readonly number[] } | null = null;

  constructor(better: Direction) {
    this.#better = better;
  }

  expected(): Prediction | null {
    return this.#values.length < FEWEST_STUDIES ? null : predictionInterval(this.#values, HISTORY_CONFIDENCE);
  }

  take(value: number, expected: Prediction | null): PointStanding {
    const side = expected === null ? null : sideOf(value, expected);
    if (side === null) {
      this.#settle();
      this.#values.push(value);
      return expected === null ? "unjudged" : "expected";
    }
    if (this.#outside?.side !== side) this.#settle();
    const values = [...this.#outside?.values ?? [], value];
    this.#outside = { side, values };
    const standing = standingOf(side, this.#better);
    if (standing !== "worse" && values.length === FEWEST_STUDIES) {
      this.#values = values;
      this.#outside = null;
    }
    return standing;
  }

  /** What lay outside has ended. */
  #settle(): void {
    const values = this.#outside?.values ?? [];
    if (values.length === 1) append(this.#values, values);
    this.#outside = null;
  }
}

type Side = "above" | "below";

function standingOf(side: Side, better: Direction): PointStanding {
  if (better === null) return "different";
  return (side === "below") === (better === "less") ? "better" : "worse";
}

function sideOf(value: number, { low, high }: Prediction): Side | null {
  if (value > high * (1 + ROUNDING)) return "above";
  return value < low * (1 - ROUNDING) ? "below" : null;
}

function isUsual({ standing }: HistoryPoint): boolean {
  return standing === "expected" || standing === "unjudged";
}

function verdictOf(points: readonly HistoryPoint[]): HistoryVerdict {
  const [last, previous] = [points.at(-1), points.at(-2)];
  if (last === undefined || last.expected === null) return "too_few";
  if (last.standing === "expected") return "steady";
  if (previous?.standing !== last.standing || !isSameSide(previous, last)) return "once";
  return last.standing === "worse" ? "alarm" : last.standing === "better" ? "improved" : "changed";
}

function isSameSide(one: HistoryPoint, other: HistoryPoint): boolean {
  const isAbove = ({ value, expected }: HistoryPoint): boolean => value > (expected?.mean ?? NaN);
  return isAbove(one) === isAbove(other);
}
