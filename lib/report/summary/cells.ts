import { formatNumber } from "../../base/text.ts";
import { type Comparison, FEWEST_REPEATS, TOO_NOISY } from "../../results/comparison.ts";
import type { CombinedEnergy } from "../../results/energy/summary.ts";
import type { Spread } from "../../statistics/spread.ts";
import { ratioWithVerdict } from "./messages.ts";
import type { Signs } from "./signs.ts";

/** Follows a number that is too noisy to compare; the legend says so. */
export const NOISY_MARK = "~";
/** Follows a number in which one run lies apart. */
export const OUTLIER_MARK = "!";

/** How a number is written, for the legend. */
export type Form = "plain" | "interval" | "plain_interval" | "range" | "noisy" | "noisy_with_range";

export interface NumberCell {
  readonly text: string;
  readonly form: Form;
}

/** A number over repeats, in the form that its interval allows. */
interface Repeated {
  /** Shown with the interval. */
  readonly middle: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
  /** Half width of the 95 % interval over the middle; null where there is none. */
  readonly relative: number | null;
  /** Of fewer values than these the range is shown, not the interval. */
  readonly fewest: number;
}

/**
 * `68.1 +-6 %`; below three runs `61.2-70.3`; where the interval is too wide, the median, marked, and, where there is room
 * for it, the range.
 */
export function spreadCell(value: Spread, signs: Signs, room: "wide" | "narrow" = "wide"): NumberCell {
  const { mean, geomean, ci95, relative95 } = value;
  const relative = relative95 ?? (ci95 === null ? null : shareOf(ci95, mean));
  const cell = repeatedCell(
    { ...value, middle: geomean ?? mean, relative, fewest: FEWEST_REPEATS },
    signs,
    room,
  );
  return cell.form === "interval" && value.interval === "plain" ? { ...cell, form: "plain_interval" } : cell;
}

/**
 * The same of joules, whose error is that of the repeats with that of the meter. Two runs have it as well: their range would
 * be narrower, and may be narrower than the meter measures.
 */
export function energyCell(value: CombinedEnergy, signs: Signs): NumberCell {
  return repeatedCell({ ...value, middle: value.geomean ?? value.mean, fewest: 1 }, signs, "wide");
}

function repeatedCell(
  { middle, median, min, max, n, relative, fewest }: Repeated,
  signs: Signs,
  room: "wide" | "narrow",
): NumberCell {
  const isConstant = min === max;
  if (n < fewest && !isConstant) return { text: rangeText(min, max, relative, signs), form: "range" };
  if (relative === null || isConstant && relative === 0) return { text: formatNumber(middle), form: "plain" };
  if (relative > TOO_NOISY) {
    const number = formatNumber(round(median, relative));
    if (isConstant || room === "narrow") return { text: number + NOISY_MARK, form: "noisy" };
    const range = rangeText(min, max, relative, signs);
    return { text: `${number} (${range})${NOISY_MARK}`, form: "noisy_with_range" };
  }
  const number = formatNumber(round(middle, relative));
  return { text: `${number} ${percentText(relative, signs)}`, form: "interval" };
}

/** `+-6.3 %`. */
function percentText(relative: number, { plusMinus }: Signs): string {
  return `${plusMinus}${Number((relative * 100).toPrecision(2))} %`;
}

function rangeText(min: number, max: number, relative: number | null, { dash }: Signs): string {
  // A dash before a minus would be read as one sign.
  const between = min < 0 || max < 0 ? " to " : dash;
  return `${formatNumber(round(min, relative))}${between}${formatNumber(round(max, relative))}`;
}

/** `1.13x [1.04, 1.22]`, and a word where that is no answer. */
export function ratioCell({ ratio, low95, high95, n, verdict }: Comparison): string {
  const isExact = low95 === high95;
  const interval = isExact || low95 === null || high95 === null
    ? ""
    : ` [${ratioText(low95)}, ${ratioText(high95)}]`;
  return ratioWithVerdict(`${ratioText(ratio)}x`, interval, { verdict, n });
}

function ratioText(value: number): string {
  if (value >= 1000) return formatNumber(value);
  return value >= 10 ? String(Number(value.toPrecision(3))) : value.toFixed(value < 0.1 ? 3 : 2);
}

/** Digits that the interval leaves standing: three from one per cent on, else four. */
function round(value: number, relative: number | null): number {
  if (Number.isInteger(value) && Math.abs(value) < 1000) return value;
  return Number(value.toPrecision(relative === null || relative < 0.01 ? 4 : 3));
}

function shareOf(width: number, value: number): number {
  if (width === 0) return 0;
  return value === 0 ? Infinity : width / Math.abs(value);
}
