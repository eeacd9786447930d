import jstat from "jstat";
import { tQuantile } from "../base/student_t.ts";
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
  /** The chance of the answer, were the ratio and the spread what they now look like. */
  readonly power: number;
}

export const USUAL_DECISION: Decision = { margin: 0.02, alpha: 0.05, power: 0.8 };

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
  return fewest((n) => chanceBeyond(Math.abs(effect), deviation, design, n, 1 - alpha / 2) >= power);
}

/**
 * The fewest runs of each setting with which an estimate that is now undecided would be decided: found to differ from 1, or
 * to lie within the margin by its 90 % interval, whichever takes fewer. `n`: the runs of each setting that it is made of. Null
 * where no number that anybody makes would do.
 */
export function runsToDecide(
  { difference, error }: Pick<Estimate, "difference" | "error">,
  n: number,
  design: Design,
  { margin, alpha, power }: Decision = USUAL_DECISION,
): number | null {
  const deviation = error * Math.sqrt(n / design.share);
  const differs = runsToDetect(difference, deviation, design, { alpha, power });
  const limit = Math.log1p(margin);
  const same = Math.abs(difference) >= limit ? null : fewest((runs) =>
    // Both ends have to lie within, so what each of them misses adds up.
    chanceBeyond(limit - difference, deviation, design, runs, 0.95) +
        chanceBeyond(limit + difference, deviation, design, runs, 0.95) - 1 >= power
  );
  return differs === null || same === null ? differs ?? same : Math.min(differs, same);
}

/** The chance that an estimate lies so far from a limit, on the side of its true `distance`, that the test says so. */
function chanceBeyond(distance: number, deviation: number, design: Design, n: number, tail: number): number {
  if (deviation === 0) return 1;
  const degrees = design.degrees(n);
  const shift = distance / (deviation * Math.sqrt(design.share / n));
  return 1 - jstat.noncentralt.cdf(tQuantile(tail, degrees), degrees, shift);
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
