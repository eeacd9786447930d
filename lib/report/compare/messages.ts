/** The texts of `llem compare` for people. */
import { formatNumber, plural } from "../../base/text.ts";
import { roughDuration } from "../../base/duration.ts";
import { metricDeclaration, metricPhrase } from "../../results/metric_declarations.ts";

/** A change in words: `takes`, `23 % less energy per output token`, `[21, 25]`, the interval in the same unit or nothing. */
export interface ChangeWords {
  readonly verb: string;
  readonly change: string;
  readonly interval: string;
}

export function changeOf(metric: string, ratio: number, ci: readonly [number, number] | null): ChangeWords {
  const name = metricPhrase(metric);
  const { amount, interval } = amountOf(ratio, ci);
  if (ratio > MOST_IN_PERCENT) return { verb: "has", change: `${amount} times the ${name}`, interval };
  const [verb, less, more] = wordsFor(metric);
  return { verb, change: `${amount} % ${ratio < 1 ? less : more} ${name}`, interval };
}

/** How much, and its interval in the same unit and direction: per cent, or times where it is more than threefold. */
function amountOf(
  ratio: number,
  ci: readonly [number, number] | null,
): { readonly amount: string; readonly interval: string } {
  const isLess = ratio < 1;
  const text = (value: number): string =>
    ratio > MOST_IN_PERCENT ? times(value) : percentText(100 * (isLess ? 1 - value : value - 1));
  if (ci === null) return { amount: text(ratio), interval: "" };
  const [low, high] = ci;
  const [from, to] = isLess ? [high, low] : [low, high];
  return { amount: text(ratio), interval: ` [${text(from)}, ${text(to)}]` };
}

/** What takes joules or watts takes them, what is a rate gives it; all else has it. */
function wordsFor(metric: string): readonly [verb: string, less: string, more: string] {
  const unit = metricDeclaration(metric)?.unit ?? "";
  if (/^(?:J|W|Wh)(?:\/|$)/.test(unit)) return ["takes", "less", "more"];
  return unit.endsWith("/s") ? ["gives", "fewer", "more"] : ["has", "lower", "higher"];
}

/** A change beyond this is told in times. */
const MOST_IN_PERCENT = 3;

function times(value: number): string {
  return formatNumber(Number(value.toPrecision(3)));
}

/** Two digits, or whole percents. */
export function percentText(value: number): string {
  const digits = Math.abs(value) >= 9.95 ? 0 : Math.abs(value) >= 0.095 ? 1 : 2;
  const text = value.toFixed(digits);
  return Number(text) === 0 ? "0" : text;
}

/** `values`: the interval of the change in percent. */
export function rangeOfChange([low, high]: readonly [number, number]): string {
  return `[${signed(100 * (low - 1))}, ${signed(100 * (high - 1))}] %`;
}

function signed(value: number): string {
  const text = percentText(value);
  return value > 0 && text !== "0" ? `+${text}` : text;
}

export function marginText(margin: number): string {
  return `${formatNumber(Number((100 * margin).toPrecision(6)))} %`;
}

export function changed(setting: string, { verb, change, interval }: ChangeWords, base: string): string {
  const than = change.includes(" times the ") ? "of" : "than";
  return `${setting} ${verb} ${change} ${than} ${base}${interval}`;
}

export function sameAs(setting: string, base: string, metric: string, margin: string): string {
  return `${setting} and ${base} are the same within ${margin} in ${metricPhrase(metric)}`;
}

export function alsoWithin(change: string, margin: string): string {
  return `significant (${change}), and within ${margin}`;
}

/** `change`: as changed() has it. */
export function smallChange(change: string, margin: string): string {
  return `${change}: significant, but not beyond the margin of ${margin}`;
}

export function isUndecided(setting: string, base: string, metric: string, range: string): string {
  return `whether ${setting} differs from ${base} in ${metricPhrase(metric)} is undecided ${range}`;
}

export function notCompared(setting: string, base: string, metric: string, reason: string): string {
  return `${setting} cannot be compared with ${base} in ${metricPhrase(metric)}: ${reason}`;
}

/** `further`: cycles, or runs on each side. */
export function wouldDecide(further: number, unit: "cycle" | "run", seconds: number | null): string {
  if (further > MOST_FURTHER) return `no ${unit === "cycle" ? "cycles" : "runs"} within reason would decide`;
  const time = seconds === null || seconds < 60 ? "" : ` (${roughDuration(seconds)})`;
  const what = unit === "cycle"
    ? `${further} more ${further === 1 ? "cycle" : "cycles"}`
    : `${further} more ${further === 1 ? "run" : "runs"} on each side`;
  return `${what}${time} would decide`;
}

/** Nobody makes more, and the number would be a guess. */
export const MOST_FURTHER = 200;

/** What else a row has to say, by the short name of its metric. */
export function otherMetric(metric: string, finding: string): string {
  return `${metricPhrase(metric)} ${finding}`;
}

export function shortChange(ratio: number, ci: readonly [number, number] | null): string {
  const { amount, interval } = amountOf(ratio, ci);
  if (ratio > MOST_IN_PERCENT) return `${amount} times as high${interval}`;
  return `${amount} % ${ratio < 1 ? "lower" : "higher"}${interval}`;
}

export function shortSame(margin: string): string {
  return `the same within ${margin}`;
}

export function shortUndecided(more: string): string {
  return more === "" ? "undecided" : `undecided: ${more}`;
}

export function shortNotComparable(): string {
  return "not comparable";
}

export function otherAnswers(): string {
  return "but other answers";
}

/** `counts`: `3 are worse, 2 the same`. */
export function noneIsBetter(base: string, metric: string, counts: string): string {
  return `no setting is better than ${base} in ${metricPhrase(metric)}: ${counts}`;
}

function allRows(total: number): string {
  return total === 2 ? "both rows" : `all ${total} rows`;
}

/** `rest`: counts of the other verdicts, or nothing. */
export function rowsAre(
  { count, total, verdict, other, base, metric, rest }: {
    readonly count: number;
    readonly total: number;
    readonly verdict: string;
    readonly other: string;
    readonly base: string;
    readonly metric: string;
    readonly rest: string;
  },
): string {
  const which = count === total ? allRows(total) : `${count} of ${total} rows`;
  const isOne = count === 1;
  const what = verdict === "different"
    ? `${isOne ? "differs" : "differ"} between ${other} and ${base}`
    : `${isOne ? "is" : "are"} ${verdict} in ${other} than in ${base}`;
  return `${which} ${what} by ${metricPhrase(metric)}${rest === "" ? "" : ` (${rest})`}`;
}

export function allRowsSame(
  total: number,
  other: string,
  base: string,
  metric: string,
  margin: string,
): string {
  return `${sameAs(other, base, metric, margin)}, in ${allRows(total)}`;
}

export function allRowsUndecided(total: number, other: string, base: string, metric: string): string {
  return `whether ${other} differs from ${base} in ${metricPhrase(metric)} is undecided in ${allRows(total)}`;
}

export function noneIsWorse(
  total: number,
  other: string,
  base: string,
  metric: string,
  counts: string,
): string {
  return `none of ${plural(total, "row")} is worse in ${other} than in ${base} by ${
    metricPhrase(metric)
  }: ${counts}`;
}

export function largestChange(row: string, change: string): string {
  return `largest change: ${row}, ${change}`;
}

/** What it takes to decide one of several rows. */
export function wouldDecideRow(more: string, row: string): string {
  return `${more} ${row}`;
}

/** By a further metric. `counts`: of its verdicts. */
export function byOtherMetric(metric: string, counts: string): string {
  return `${metricPhrase(metric)}: ${counts}`;
}

/** Counts of verdicts, those that occur. */
export function verdictCounts(counts: readonly (readonly [verdict: string, count: number])[]): string {
  return counts.map(([verdict, count]) => `${count} ${VERDICT_WORDS[verdict] ?? verdict}`).join(", ");
}

const VERDICT_WORDS: Readonly<Record<string, string>> = {
  same: "the same",
  not_comparable: "not comparable",
};

export function nothingCompared(): string {
  return "nothing can be compared";
}

export function noneCompleted(dir: string, total: number): string {
  return `none of ${plural(total, "run")} of ${dir} completed: there is nothing to compare`;
}

export function oneRow(dir: string): string {
  return `${dir} has one configuration: there is nothing to compare it with. Name a second study`;
}

export function nothingElseEqual(by: string): string {
  return `no two rows differ in ${by} alone, so --by ${by} compares nothing; without --by all are compared with the first`;
}

export function rowsDoNotMatch(base: string): string {
  return `no configuration is also in ${base}; --match PATH joins rows by the value of a setting that they share`;
}

/** How the table was made. */
export function methodLine(
  { design, pooled, adjust, m, confidence }: {
    readonly design: "paired" | "unpaired";
    readonly pooled: readonly (readonly [metric: string, degrees: number])[];
    readonly adjust: string;
    readonly m: number;
    readonly confidence: number;
  },
): string {
  const [first] = pooled;
  const isOne = pooled.every(([, degrees]) => degrees === first?.[1]);
  const degrees = isOne
    ? `${first?.[1]} degrees of freedom`
    : pooled.map(([metric, of]) => `${metric}: ${of} degrees of freedom`).join(", ");
  const shared = first === undefined ? "" : `; one variance for all rows (${degrees})`;
  const runs = design === "paired" ? "paired by cycle" : "unpaired (Welch)";
  const p = adjust === "none" ? "p not adjusted" : `p by ${ADJUSTED[adjust] ?? adjust} over ${m}`;
  return `Ratios of geometric means over runs, ${runs}${shared}; ${marginText(confidence)} intervals; ${p}.`;
}

const ADJUSTED: Readonly<Record<string, string>> = { holm: "Holm", bh: "Benjamini and Hochberg" };

export const COLUMNS = {
  setting: "setting",
  against: "against",
  study: "study",
  metric: "metric",
  n: "n",
  base: "base",
  value: "value",
  ratio: "ratio",
  p: "p",
  margin: "margin",
  verdict: "verdict",
  note: "",
};

export function columnsHidden(count: number): string {
  return `${plural(count, "column")} hidden: use a wider terminal or --csv.`;
}

/** Of several rows the first is named. */
export function reasonLine(row: string, more: number, reason: string): string {
  return `${row}${more > 0 ? ` and ${plural(more, "other row")}` : ""}: ${reason}.`;
}

export function undeclared(what: string, base: string, other: string): string {
  return `${what} differs: ${base} against ${other}.`;
}

export function refusedBy(what: string, base: string, other: string): string {
  const option = what === "GPU" || what === "device" ? "--across-boards" : `--allow "${what}"`;
  return `Not comparable: ${what} differs (${base} against ${other}). ${option} compares them all the same.`;
}

export function declaredLine(settings: readonly string[]): string {
  return `Set differently: ${settings.join(", ")}.`;
}

export function outputsLine(isEqual: boolean): string {
  return isEqual ? "Outputs are equal." : "Outputs differ.";
}

export function unmatchedLine(row: string, dir: string): string {
  return `${row}: only in ${dir}.`;
}

export function moreUnmatched(count: number): string {
  return `${plural(count, "further row")} without a partner.`;
}

export function excludedLine(run: string, reason: string): string {
  return `Left out: ${run} (${reason}).`;
}

export function withExcluded(): string {
  return "With the runs that were left out:";
}

/** The false alarms of a machine. */
export function nullSentence(
  { alarms, comparisons, unit }: {
    readonly alarms: number;
    readonly comparisons: number;
    readonly unit: "cycles" | "studies";
  },
): string {
  const what = unit === "cycles"
    ? `${plural(comparisons, "comparison")} of half of the cycles with the other half`
    : `${plural(comparisons, "comparison")} of studies of the same configurations`;
  return `Where nothing had changed, the gate would have fired in ${alarms} of ${what} (${
    percentText(100 * alarms / comparisons)
  } %).`;
}

export function nullMetric(metric: string, alarms: number, largest: string): string {
  return `${metric}: ${plural(alarms, "alarm")}; the largest difference is ${largest}.`;
}

/** `+3.2 %`. */
export function changeText(ratio: number): string {
  return `${signed(100 * (ratio - 1))} %`;
}

export function nullTooFew(): string {
  return "Too few runs to tell false alarms: a configuration needs 6 completed cycles, or 2 studies with 3 runs of it.";
}
