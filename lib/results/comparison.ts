import { pooledRatio } from "../statistics/pooled_ratio.ts";
import { pairedRatio } from "../statistics/ratio.ts";
import { areOnSameBoards } from "./same_boards.ts";
import { type SharedSpread, sharedSpread } from "./shared_spread.ts";

/** The half width, over the mean, from which on an interval says too little to compare by. */
export const TOO_NOISY = 0.3;
/** Of fewer repeats an interval says next to nothing: by two, Student's t is 12.7. */
export const FEWEST_REPEATS = 3;

/**
 * What a ratio says: the settings differ, as the interval leaves out 1, or every cycle has the same value for both
 * (`resolved`); they may be alike (`undecided`), or the interval is so wide that nothing can be said (`too_noisy`); too few
 * cycles have both (`too_few`).
 */
export type RatioVerdict = "resolved" | "undecided" | "too_noisy" | "too_few";

/** One setting over another by one metric, from the cycles that have both. */
export interface Comparison {
  /** Of geometric means. */
  readonly ratio: number;
  /** The 95 % interval (Student t on logarithms of the ratio in each cycle); null below two cycles. */
  readonly low95: number | null;
  readonly high95: number | null;
  /** Cycles. */
  readonly n: number;
  readonly verdict: RatioVerdict;
}

const NOWHERE: ReadonlyMap<number, readonly string[]> = new Map();

/** A metric of an experiment in each of its cycles; null where a cycle lacks it. */
export interface CycleValues {
  readonly cycles: readonly number[];
  readonly values: readonly (number | null)[];
  /** What its runs were made on, by cycle, as far as they were placed among others; left out for none of them. */
  readonly boards?: ReadonlyMap<number, readonly string[]>;
}

/**
 * The spread that rows share with `base`, which is one of them; null where they share none, and where a cycle was made on several
 * sets of boards, so that it is no block.
 */
export function spreadOfAll(
  rows: readonly CycleValues[],
  base: CycleValues,
): SharedSpread<CycleValues> | null {
  const isSplit = rows.some(({ boards = NOWHERE }) =>
    [...boards].some(([cycle, own]) => !areOnSameBoards(base.boards?.get(cycle) ?? null, own))
  );
  return isSplit ? null : sharedSpread(
    rows,
    [base],
    ({ cycles, values }) =>
      new Map(cycles.flatMap((cycle, index): [number, number][] => {
        const value = values[index] ?? null;
        return value !== null && value > 0 ? [[cycle, value]] : [];
      })),
  );
}

/**
 * How many times `base` a setting is, paired by cycle: the runs of one cycle are neighbours in time, and on the same boards, so
 * what both went through falls out. Null where no cycle has both, a value is not positive or the ratio is beyond the range of a number.
 * `shared`: the spread that both share with others.
 */
export function compareByCycle(
  base: CycleValues,
  other: CycleValues,
  shared: SharedSpread<CycleValues> | null = null,
): Comparison | null {
  const theirs = new Map(base.cycles.map((cycle, index) => [cycle, base.values[index] ?? null]));
  const pairs = other.cycles.flatMap((cycle, index): (readonly [number, number])[] => {
    const [a, b] = [theirs.get(cycle) ?? null, other.values[index] ?? null];
    if (!areOnSameBoards(base.boards?.get(cycle) ?? null, other.boards?.get(cycle) ?? null)) return [];
    return a === null || b === null ? [] : [[a, b]];
  });
  if (pairs.some(([a, b]) => !(a > 0 && b > 0))) return null;
  const [first] = pairs;
  if (first === undefined) return null;
  const isShared = shared !== null && shared.rows.has(base) && shared.rows.has(other);
  const found = isShared ? pooledRatio(pairs, shared) : pairedRatio(pairs);
  const ratio = found?.ratio ?? first[1] / first[0];
  if (!Number.isFinite(ratio)) return null;
  if (found === null) return { ratio, low95: null, high95: null, n: 1, verdict: "too_few" };
  const { low, high } = found;
  return {
    ratio,
    low95: low,
    high95: high,
    n: pairs.length,
    verdict: verdictOf(ratio, low, high, pairs.length),
  };
}

function verdictOf(ratio: number, low: number, high: number, n: number): RatioVerdict {
  if (n < FEWEST_REPEATS) return "too_few";
  const areEqual = low === 1 && high === 1;
  if (low > 1 || high < 1 || areEqual) return "resolved";
  return high / ratio - 1 > TOO_NOISY ? "too_noisy" : "undecided";
}
