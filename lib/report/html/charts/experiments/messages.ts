/** The texts of the plots of experiments. */
import { plural } from "../../../../base/text.ts";
import type { CompareVerdict } from "../../../../results/compare/study_comparison.ts";
import { listText, moreLeftOut } from "../messages.ts";

const SETTING = "experiment";
/** Of intervals that would leave no room for anything else. */
const CUT = ", the widest of them cut off (the data has their ends)";

export const THROUGHPUT_LATENCY = {
  setting: SETTING,
  front: "front",
  onFront: "on the front",
  within: "on it within the noise",
  legend: "Rate",
  rates: { total: "output tokens", requests: "requests", gpu: "per GPU", user: "per user" },
  requests: "requests/s",
  perGpu: "output tok/s per GPU",
  perUser: "output tok/s per user",
};

export function throughputTitle(label: string): string {
  return `Throughput against ${label}`;
}

export function throughputLatencyText(
  { rate, label, count, front, isSure, bars }: {
    readonly rate: keyof typeof THROUGHPUT_LATENCY.rates;
    readonly label: string;
    readonly count: number;
    readonly front: readonly string[];
    readonly isSure: boolean;
    /** Of more experiments no intervals are drawn; `cut`: some end where the plot does. */
    readonly bars: "none" | "whole" | "cut";
  },
): string {
  const rates = {
    total: "Output tokens per second",
    requests: "Requests per second",
    gpu: "Output tokens per second and GPU",
    user: "Output tokens per second and user (one of the requests that are worked on at once)",
  };
  return `${rates[rate]} against ${label} of ${
    plural(count, "experiment")
  }: further right and lower is better. ` +
    `${
      bars === "none" ? "" : `Bars are 95 % intervals${bars === "cut" ? CUT : ""}. `
    }On the front, as none is ${isSure ? "surely" : "on average"} better on both: ${listText(front)}.`;
}

export const SWEPT = {
  setting: SETTING,
  runs: "runs",
  legend: "Show",
  /** Of prompts and answers together. */
  allTokens: { joules: "J/token over input and output", rate: "input and output tok/s" },
};

/** A picture among those of the same plot. */
export function sweptLayerText(label: string, scale: "fit" | "linear" | "log"): string {
  const axes = { fit: "", linear: ", linear axes", log: ", logarithmic axes" };
  return label + axes[scale];
}

export function sweptTitle(label: string, name: string): string {
  return `${label} against ${name}`;
}

export function cycleValueText(cycle: number, value: string): string {
  return `cycle ${cycle}: ${value}`;
}

export function sweptText(
  { label, name, count, best, areCut }: {
    readonly label: string;
    readonly name: string;
    readonly count: number;
    readonly best: string | null;
    /** Intervals end where the plot does. */
    readonly areCut: boolean;
  },
): string {
  return `${label} of ${
    plural(count, "experiment")
  } against ${name}: each run (small), the mean and its 95 % interval${areCut ? CUT : ""}.` +
    (best === null ? "" : ` Best: ${best}.`);
}

export const FOREST = {
  legend: "Order",
  orders: { file: "as in the study file", effect: "by effect", evidence: "by evidence" },
  axis: "ratio",
  interval: "95 % interval",
  p: "adjusted p",
  verdict: "verdict",
  setting: SETTING,
  verdicts: {
    better: "better",
    worse: "worse",
    same: "same",
    small: "small",
    undecided: "undecided",
    different: "different",
    not_comparable: "not comparable",
  } satisfies Readonly<Record<CompareVerdict, string>>,
};

export function forestTitle(label: string, base: string): string {
  return `${label} over that of ${base}`;
}

export function forestText(
  { label, base, margin, counts, left_out }: {
    readonly label: string;
    readonly base: string;
    readonly margin: number;
    readonly counts: Readonly<Partial<Record<CompareVerdict, number>>>;
    readonly left_out: number;
  },
): string {
  const told = Object.entries(counts).map(([verdict, count]) =>
    `${count} ${FOREST.verdicts[verdict as CompareVerdict]}`
  );
  return `Ratios of ${label} to ${base} with 95 % intervals: ${listText(told)}. The band is the margin, ` +
    `${
      Number((100 * margin).toPrecision(3))
    } %; a star is significant after adjustment for all comparisons.` +
    (left_out === 0 ? "" : ` ${plural(left_out, "experiment")} without a ratio.`);
}

export const STRIP = {
  run: "run",
  runs: "runs",
  mean: "geometric mean",
  flagged: "flagged",
  setting: SETTING,
};

export function stripTitle(label: string): string {
  return `${label} of every run`;
}

/** `name`: null where its place tells it. */
export function runValueText(name: string | null, cycle: number, value: string): string {
  return `${name === null ? "" : `${name}, `}cycle ${cycle}: ${value}`;
}

export function cycleMarksText(cycle: number, marks: string): string {
  return `cycle ${cycle}: ${marks}`;
}

export function stripText(
  { label, runs, experiments, flagged }: {
    readonly label: string;
    readonly runs: number;
    readonly experiments: number;
    readonly flagged: number;
  },
): string {
  return `${label} of ${plural(runs, "run")} of ${plural(experiments, "experiment")}, one line each. ` +
    (flagged === 0 ? "No run is flagged." : `${plural(flagged, "run")} flagged, with a ring.`);
}

export function flaggedText(marks: readonly string[]): string {
  return marks.length === 0 ? "" : ` (${marks.join(", ")})`;
}

export const RESIDUALS = {
  order: "run",
  percent: "% from the mean of its experiment",
  cycle: "cycle",
  setting: SETTING,
};

export function residualsTitle(label: string): string {
  return `${label} in the order of the runs`;
}

export function residualText(index: number, name: string, cycle: number, percent: string): string {
  return `run ${index}, ${name}, cycle ${cycle}: ${percent} %`;
}

export function residualsText(
  { runs, most, at, trend, left_out }: {
    readonly runs: number;
    readonly trend: { readonly tau: number; readonly p: number } | null;
    readonly most: string;
    readonly at: number;
    readonly left_out: number;
  },
): string {
  return `How far ${
    plural(runs, "run")
  } lie from the mean of their experiments, in the order in which they ran: a trend is a ` +
    `drift of the machine` +
    (trend === null ? "" : ` (Kendall's tau ${trend.tau.toFixed(2)}, p ${Number(trend.p.toPrecision(2))})`) +
    `. The furthest is run ${at}, ${most} %.` + moreLeftOut(left_out, "run");
}

export const FILTER = {
  legend: "Show only experiments with",
  any: "any",
  reset: "Show all",
  left: "experiments shown, in all plots and tables",
};

export function fieldTitle(label: string, x: string, y: string): string {
  return `${label} by ${x} and ${y}`;
}

export function fieldText(
  { label, x, y, count, best }: {
    readonly label: string;
    readonly x: string;
    readonly y: string;
    readonly count: number;
    readonly best: string | null;
  },
): string {
  return `${label} of ${plural(count, "experiment")} by ${x} and ${y}: the brighter, the larger.` +
    (best === null ? "" : ` Best: ${best}.`);
}

export function parallelTitle(label: string): string {
  return `${label} across all settings`;
}

export function parallelText(
  { label, count, axes, best }: {
    readonly label: string;
    readonly count: number;
    readonly axes: readonly string[];
    readonly best: string | null;
  },
): string {
  return `One line for each of ${plural(count, "experiment")} across ${
    listText(axes)
  }: the brighter, the larger its ${label}.` +
    (best === null ? "" : ` Best: ${best}.`);
}
