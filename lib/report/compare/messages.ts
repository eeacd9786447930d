/** The texts of `llem compare` for people. */
import { formatNumber, plural } from "../../base/text.ts";
import { roughDuration } from "../../base/duration.ts";

/** What a metric is called in a sentence. */
const NAMES: Readonly<Record<string, string>> = {
  j_per_output_token: "energy per output token",
  j_per_total_token: "energy per token",
  j_per_good_request: "energy per good request",
  energy_j: "energy",
  wh_per_1000_requests: "energy per request",
  avg_power_w: "power",
  net_j_per_output_token: "net energy per output token",
  energy_adjusted_j: "net energy",
  output_tokens_per_s: "output tokens per second",
  total_tokens_per_s: "tokens per second",
  requests_per_s: "requests per second",
  goodput_per_s: "good requests per second",
  slo_share: "share of good requests",
  prefill_tokens_per_s: "prefill tokens per second",
  decode_tokens_per_s: "decode tokens per second",
  failed_requests: "failed requests",
  load_s: "time to load",
};

const TIMES: Readonly<Record<string, string>> = {
  ttft: "TTFT",
  ttft_sched: "scheduled TTFT",
  tpot: "TPOT",
  itl: "ITL",
  e2e: "latency",
};

/** `p99 TTFT`; a metric of a worker's own by its name. */
export function metricName(metric: string): string {
  const time = /^(.*?)(?:_(p\d+(?:_\d)?))?_ms$/.exec(metric);
  const name = TIMES[time?.[1] ?? ""];
  if (name === undefined) return NAMES[metric] ?? metric;
  return `${time?.[2] ?? "median"} ${name}`;
}

/** A change in words: `takes`, `23 % less energy per output token`, `[21, 25]`, the interval in the same unit or nothing. */
export interface ChangeWords {
  readonly verb: string;
  readonly change: string;
  readonly interval: string;
}

export function changeOf(metric: string, ratio: number, ci: readonly [number, number] | null): ChangeWords {
  const name = metricName(metric);
  const [low, high] = ci ?? [ratio, ratio];
  const within = (from: string, to: string): string => ci === null ? "" : ` [${from}, ${to}]`;
  if (ratio > MOST_IN_PERCENT) {
    return {
      verb: "has",
      change: `${times(ratio)} times the ${name}`,
      interval: within(times(low), times(high)),
    };
  }
  const isLess = ratio < 1;
  const percent = (value: number): number => 100 * (isLess ? 1 - value : value - 1);
  const [from, to] = isLess ? [high, low] : [low, high];
  const interval = within(percentText(percent(from)), percentText(percent(to)));
  const [verb, less, more] = wordsFor(name);
  const change = `${percentText(percent(ratio))} % ${isLess ? less : more} ${name}`;
  return { verb, change, interval };
}

function wordsFor(name: string): readonly [verb: string, less: string, more: string] {
  if (/energy|power/.test(name)) return ["takes", "less", "more"];
  return /per second/.test(name) ? ["gives", "fewer", "more"] : ["has", "lower", "higher"];
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
  return `${setting} and ${base} are the same within ${margin} in ${metricName(metric)}`;
}

export function alsoWithin(change: string, margin: string): string {
  return `significant (${change}), and within ${margin}`;
}

export function smallChange(setting: string, base: string, change: string, margin: string): string {
  return `${setting} has ${change} against ${base}: significant, but not beyond the margin of ${margin}`;
}

export function isUndecided(setting: string, base: string, metric: string, range: string): string {
  return `whether ${setting} differs from ${base} in ${metricName(metric)} is undecided ${range}`;
}

export function notCompared(setting: string, base: string, metric: string, reason: string): string {
  return `${setting} cannot be compared with ${base} in ${metricName(metric)}: ${reason}`;
}

/** `further`: cycles, or runs of each side. */
export function wouldDecide(further: number, unit: "cycle" | "run", seconds: number | null): string {
  if (further > MOST_FURTHER) return `no ${unit === "cycle" ? "cycles" : "runs"} within reason would decide`;
  const time = seconds === null || seconds < 60 ? "" : ` (${roughDuration(seconds)})`;
  const what = unit === "cycle"
    ? `${further} more ${further === 1 ? "cycle" : "cycles"}`
    : `${further} more ${further === 1 ? "run" : "runs"} of each side`;
  return `${what}${time} would decide`;
}

/** Nobody makes more, and the number would be a guess. */
export const MOST_FURTHER = 200;

/** What else a row has to say, by the short name of its metric. */
export function otherMetric(metric: string, finding: string): string {
  return `${metricName(metric)} ${finding}`;
}

export function shortChange(ratio: number, ci: readonly [number, number] | null): string {
  const range = ci === null ? "" : ` ${rangeOfChange(ci)}`;
  if (ratio > MOST_IN_PERCENT) return `${times(ratio)} times as high`;
  return `${percentText(Math.abs(100 * (ratio - 1)))} % ${ratio < 1 ? "lower" : "higher"}${range}`;
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
  return `no setting is better than ${base} in ${metricName(metric)}: ${counts}`;
}

export function rowsAre(
  count: number,
  total: number,
  word: string,
  other: string,
  base: string,
  metric: string,
): string {
  return `${count} of ${total} rows ${count === 1 ? "is" : "are"} ${word} in ${other} than in ${base} by ${
    metricName(metric)
  }`;
}

export function noneIsWorse(
  total: number,
  other: string,
  base: string,
  metric: string,
  counts: string,
): string {
  return `none of ${plural(total, "row")} is worse in ${other} than in ${base} by ${
    metricName(metric)
  }: ${counts}`;
}

export function mostOfAll(change: string): string {
  return `most: ${change}`;
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

export function rowsDoNotMatch(base: string): string {
  return `no row is also in ${base}; name what rows have in common with --match PATH`;
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
