import jstat from "jstat";
import { incompleteBeta, logBeta } from "./incomplete_beta.ts";

/** Above, Student's t is the normal distribution to seven digits. */
const MOST_DEGREES = 1e7;
/** From jstat's eight digits each step of Newton's doubles them. */
const STEPS = 3;

/** Quantiles by their probability and degrees: a table of thousands of rows asks for the same few. */
const known = new Map<number, Map<number, number>>();
/** More probabilities, or degrees, than these are not kept. */
const MOST_KNOWN = { probabilities: 64, degrees: 1000 };

/** The quantile of Student's t: the value below which a share of `probability` lies; any real `degrees` above 0. */
export function tQuantile(probability: number, degrees: number): number {
  const row = known.get(probability) ?? new Map<number, number>();
  const found = row.get(degrees);
  if (found !== undefined) return found;
  const computed = computedQuantile(probability, degrees);
  // Those of Welch are fractions, each for itself.
  if (Number.isInteger(degrees) && row.size < MOST_KNOWN.degrees) row.set(degrees, computed);
  if (known.size < MOST_KNOWN.probabilities) known.set(probability, row);
  return computed;
}

function computedQuantile(probability: number, degrees: number): number {
  if (probability < 0.5) return -tQuantile(1 - probability, degrees);
  if (probability === 0.5) return 0;
  const f = Math.min(degrees, MOST_DEGREES);
  let t = jstat.studentt.inv(probability, f);
  for (let step = 0; step < STEPS; step++) {
    const next = t + (tTwoSided(t, f) / 2 - (1 - probability)) / tDensity(t, f);
    if (!(next > 0 && Number.isFinite(next))) break;
    t = next;
  }
  return t;
}

/** The chance of a t at least this far from 0, on either side. From the tail, where the digits are. */
export function tTwoSided(t: number, degrees: number): number {
  if (!Number.isFinite(t)) return 0;
  const f = Math.min(degrees, MOST_DEGREES);
  const square = t * t;
  return incompleteBeta(f / (f + square), square / (f + square), f / 2, 0.5);
}

/** The chance of a t this large or larger. */
export function tUpper(t: number, degrees: number): number {
  const half = tTwoSided(t, degrees) / 2;
  return t > 0 ? half : 1 - half;
}

function tDensity(t: number, f: number): number {
  return Math.exp(-(f + 1) / 2 * Math.log1p(t * t / f) - Math.log(f) / 2 - logBeta(f / 2, 0.5));
}
