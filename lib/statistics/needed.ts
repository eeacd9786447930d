import jstat from "jstat";
import { tQuantile, tUpper } from "../base/student_t.ts";
import type { Estimate } from "./ratio.ts";

/** How a mean, or the ratio of two, is estimated from `n` runs of each setting. */
export interface Design {
  /** The square of the standard error is the variance times this over n. */
  readonly share: number;
  readonly degrees: (n: number) => number;
}

/** The mean of one setting; also a ratio by pairs, with the deviation of the differences. */
export const ONE_SAMPLE: Design = { share: 1, degrees: (n) => n - 1 };
/** The ratio of two settings of n runs each, which do not belong together. */
export const TWO_SAMPLES: Design = { share: 2, degrees: (n) => 2 * (n - 1) };

/** The ratio of two of `rows` settings that share one deviation, that of the grid. */
export function pooledDesign(rows: number): Design {
  return { share: 2, degrees: (n) => (rows - 1) * (n - 1) };
}

/** More runs than this nobody makes: an answer beyond is none. */
const MOST_RUNS = 100_000;

/**
 * The fewest runs (of each setting) whose interval reaches at most `width` above its middle, as a share: 0.02 is 2 %; two at
 * least. `deviation` is of logarithms. Null where that takes more runs than anybody makes.
 */
export function runsForWidth(
  deviation: number,
  width: number,
  design: Design = ONE_SAMPLE,
  confidence = 0.95,
): number | null {
  const tail = 1 - (1 - confidence) / 2;
  return fewest((n) =>
    tQuantile(tail, design.degrees(n)) * deviation * Math.sqrt(design.share / n) <= Math.log1p(width)
  );
}

/** What a comparison has to reach to be decided. */
export interface Decision {
  /** As a share: 0.02. */
  readonly margin: number;
  /** Of a two-sided test for a difference; where several are adjusted for, that of the strictest. */
  readonly alpha: number;
  /** Of each of the two one-sided tests for no difference beyond the margin, which nothing is adjusted for. */
  readonly same_alpha: number;
  /** The chance of the answer, were the ratio and the spread what they now look like. */
  readonly power: number;
}

export const USUAL_DECISION: Decision = { margin: 0.02, alpha: 0.05, same_alpha: 0.05, power: 0.8 };

/**
 * The fewest runs of each setting with which a difference of `effect` (of logarithms) is found by the two-sided test with the
 * given power. Null where there is no effect, or so small a one that more runs are needed than anybody makes.
 */
export function runsToDetect(
  effect: number,
  deviation: number,
  design: Design,
  { alpha, power }: Pick<Decision, "alpha" | "power"> = USUAL_DECISION,
): number | null {
  if (effect === 0) return null;
  const scatter = { deviation, common: 0, design };
  return fewest((n) => chanceBeyond(Math.abs(effect), scatter, n, 1 - alpha / 2) >= power);
}

/**
 * The fewest runs of each setting with which an estimate that is now undecided would be decided: found to differ from 1, or
 * to lie within the margin by its 90 % interval, whichever takes fewer. `n`: the runs of each setting that it is made of;
 * `common`: the part of its error that repeats do not make smaller. Null where no number that anybody makes would do.
 */
export function runsToDecide(
  { difference, error, common = 0 }: Pick<Estimate, "difference" | "error"> & { readonly common?: number },
  n: number,
  design: Design,
  { margin, alpha, same_alpha, power }: Decision = USUAL_DECISION,
): number | null {
  const random = Math.sqrt(Math.max(0, error ** 2 - common ** 2));
  const scatter = { deviation: random * Math.sqrt(n / design.share), common, design };
  const size = Math.abs(difference);
  const differs = size === 0
    ? null
    : fewest((runs) => chanceBeyond(size, scatter, runs, 1 - alpha / 2) >= power);
  const limit = Math.log1p(margin);
  const same = size >= limit ? null : fewest((runs) =>
    // Both ends have to lie within, so what each of them misses adds up.
    chanceBeyond(limit - difference, scatter, runs, 1 - same_alpha) +
        chanceBeyond(limit + difference, scatter, runs, 1 - same_alpha) - 1 >= power
  );
  return differs === null || same === null ? differs ?? same : Math.min(differs, same);
}

/** What an estimate is off by. */
interface Scatter {
  readonly deviation: number;
  /** Of the estimate itself, however many runs. */
  readonly common: number;
  readonly design: Design;
}

/** Beyond, the noncentral t is as good as normal, and its series is at its end. */
const NEARLY_NORMAL = 30;

/**
 * The chance that an estimate lies so far from a limit, on the side of its true `distance`, that the test says so. The common
 * error is in the test (as in withCommonError) and in no repeat: what it makes of the estimate, further runs show again.
 */
function chanceBeyond(
  distance: number,
  { deviation, common, design }: Scatter,
  n: number,
  tail: number,
): number {
  if (deviation === 0) return distance > tQuantile(tail, Infinity) * common ? 1 : 0;
  const error = deviation * Math.sqrt(design.share / n);
  const wider = Math.hypot(error, common) / error;
  const degrees = design.degrees(n) * wider ** 4;
  const [limit, shift] = [tQuantile(tail, degrees) * wider, distance / error];
  return Math.max(limit, Math.abs(shift)) < NEARLY_NORMAL
    ? 1 - jstat.noncentralt.cdf(limit, degrees, shift)
    : tUpper((limit - shift) / Math.sqrt(1 + limit ** 2 / (2 * degrees)), Infinity);
}

/** The smallest n from 2 on that is enough, where all above it are, too. */
function fewest(isEnough: (n: number) => boolean): number | null {
  let [low, high] = [1, 2];
  while (!isEnough(high)) {
    if (high >= MOST_RUNS) return null;
    [low, high] = [high, Math.min(high * 2, MOST_RUNS)];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    [low, high] = isEnough(middle) ? [low, middle] : [middle, high];
  }
  return high;
}
