import { randomFrom, shuffled } from "../../base/random.ts";
import { LLEM_VERSION } from "../../base/version.ts";
import type { StudyTable } from "../study_table.ts";
import { adjustedRows } from "./adjusted_rows.ts";
import { onCommonBoards } from "./blocks.ts";
import { type ComparedMetric, comparedMetrics } from "./compared_metrics.ts";
import { FEWEST_RUNS, rawRow } from "./compared_row.ts";
import { excludedRuns } from "./excluded_runs.ts";
import { differencesOf } from "./guard.ts";
import { joinRows } from "./join.ts";
import { type Pair, type Sample, samplesOf } from "./samples.ts";
import type { ComparedRow, CompareOptions } from "./study_comparison.ts";

/** `llem compare --null --json`: how often the gate fires where nothing has changed. */
export interface NullAlarms {
  readonly schema: "llem.compare_null/1";
  readonly llem_version: string;
  /** What stands against each other: cycles of a study and its other cycles, or studies of the same configurations. */
  readonly unit: "cycles" | "studies";
  /** Every comparison counts with either side as the baseline. */
  readonly comparisons: number;
  /** Those in which a row and metric would have been worse. */
  readonly alarms: number;
  /** Null where there is nothing to compare. */
  readonly rate: number | null;
  readonly confidence: number;
  readonly adjust: CompareOptions["adjust"];
  readonly metrics: readonly NullMetric[];
}

export interface NullMetric {
  readonly metric: string;
  readonly margin: number;
  readonly alarms: number;
  /** The ratio that is farthest from 1; null where there is none. */
  readonly largest: number | null;
}

/** Halves of many cycles are drawn: all of 20 cycles would be 184,756. */
const MOST_SPLITS = 252;
/** Ratios of all rows and metrics together; two splits are made of any study. */
const MOST_RATIOS = 200_000;

/** The false alarms of a machine: of one study by its cycles, of several by each against each. */
export function nullAlarms(
  tables: readonly [StudyTable, ...StudyTable[]],
  options: CompareOptions,
): NullAlarms {
  const without = excludedRuns(tables, options.without);
  const studies = tables.map((table, place) => samplesOf(table, without[place]));
  const metrics = comparedMetrics(studies.flat(), options);
  const [only, ...more] = studies;
  const comparisons = more.length === 0
    ? cycleSplits(only ?? [], metrics.length)
    : studyPairs(studies, options);
  const found = comparisons.map((pairs) => rowsOf(pairs, metrics, options)).filter((rows) =>
    rows.some(({ p_adjusted }) => p_adjusted !== null)
  );
  const alarms = found.filter((rows) => rows.some(isAlarm)).length;
  return {
    schema: "llem.compare_null/1",
    llem_version: LLEM_VERSION,
    unit: more.length === 0 ? "cycles" : "studies",
    comparisons: found.length,
    alarms,
    rate: found.length === 0 ? null : alarms / found.length,
    confidence: options.confidence,
    adjust: options.adjust,
    metrics: metrics.map(({ name, margin }) => {
      const rows = found.flat().filter(({ metric }) => metric === name);
      return { metric: name, margin, alarms: rows.filter(isAlarm).length, largest: largestRatio(rows) };
    }),
  };
}

function rowsOf(
  pairs: readonly Pair[],
  metrics: readonly ComparedMetric[],
  options: CompareOptions,
): ComparedRow[] {
  const context = { design: "unpaired", confidence: options.confidence, pools: new Map() } as const;
  const raw = pairs.flatMap((pair) => {
    const { undeclared } = differencesOf(pair, "unpaired", options);
    return metrics.map((metric) => rawRow(pair, metric, undeclared, context));
  });
  return adjustedRows(raw, options).map(({ judged }) => judged);
}

/** Of a metric without a direction any difference is one. */
function isAlarm({ verdict }: ComparedRow): boolean {
  return verdict === "worse" || verdict === "different";
}

/** Each half of the cycles against the other half, row by row; even against odd cycles first. */
function cycleSplits(samples: readonly Sample[], nMetrics: number): Pair[][] {
  const cycles = [...new Set(samples.flatMap(({ runs }) => runs.map(({ cycle }) => cycle)))].sort((a, b) =>
    a - b
  );
  if (cycles.length < 2 * FEWEST_RUNS) return [];
  const ratios = samples.length * nMetrics;
  const most = Math.min(MOST_SPLITS, Math.max(2, Math.floor(MOST_RATIOS / Math.max(1, ratios))));
  return halvesOf(cycles, most).map((half) =>
    samples.map((sample) => ({
      base: { ...sample, runs: sample.runs.filter(({ cycle }) => half.has(cycle)) },
      other: { ...sample, runs: sample.runs.filter(({ cycle }) => !half.has(cycle)) },
    }))
  );
}

/** Different halves, each with the rest as one more. */
function halvesOf(cycles: readonly number[], most: number): ReadonlySet<number>[] {
  const odd = cycles.filter((_, place) => place % 2 === 0);
  const found = new Map<string, ReadonlySet<number>>();
  const add = (half: readonly number[]): void => {
    const rest = cycles.filter((cycle) => !half.includes(cycle));
    for (const side of [half, rest]) found.set(side.join(), new Set(side));
  };
  add(odd);
  const random = randomFrom(cycles.length);
  // Few cycles have few halves: after so many draws without a new one there are no more.
  for (let draws = 0; found.size + 1 < most && draws < 20 * most; draws++) {
    add(shuffled(cycles, random).slice(0, Math.floor(cycles.length / 2)).sort((a, b) => a - b));
  }
  return [...found.values()];
}

function studyPairs(studies: readonly (readonly Sample[])[], options: CompareOptions): Pair[][] {
  return studies.flatMap((base, i) =>
    studies.flatMap((other, j) =>
      i === j ? [] : [joinRows(base, other, options.match).pairs.map((pair) => onCommonBoards(pair).pair)]
    )
  );
}

function largestRatio(rows: readonly ComparedRow[]): number | null {
  return rows.reduce<number | null>((largest, { ratio }) => {
    if (ratio === null) return largest;
    return largest === null || Math.abs(Math.log(ratio)) > Math.abs(Math.log(largest)) ? ratio : largest;
  }, null);
}
