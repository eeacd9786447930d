import { tQuantile } from "../../base/student_t.ts";
import { clip, printable } from "../../base/text.ts";
import type { Look, LookMetric, LookWidth } from "../../statistics/look.ts";
import type { Summary } from "../../results/summary.ts";
import type { VariedValues } from "../../results/varied.ts";
import { runsForWidth } from "../../statistics/needed.ts";
import { claimedWidth } from "../../statistics/width_rule.ts";
import { variedText } from "../run_name.ts";
import {
  leftOut,
  lookGoesOn,
  metricAtLook,
  noneLeft,
  widthMetOnce,
  widthMissed,
  widthsMet,
  widthsNotMet,
} from "./messages.ts";

/** What a line about a look needs besides it. */
export interface LookContext {
  /** The values that tell experiments apart, by their hash. */
  readonly varied: Readonly<Record<string, VariedValues>>;
  /** Cycles at most. */
  readonly most: number;
}

/** What a look has found, and what follows. */
export function lookLine(look: Look, { varied, most }: LookContext): string {
  const nameOf = (hash: string): string => clip(printable(variedText(varied[hash] ?? {})), LONGEST_NAME);
  return [mainLine(look, nameOf, most), ...leftOutText(look, nameOf)].join("; ");
}

/** The last look of a study, as its table says it; empty where there is none. */
export function untilLine({ rows, until }: Pick<Summary, "rows" | "until">): string[] {
  if (until === undefined || until.look === null) return [];
  const varied = Object.fromEntries(rows.map((row) => [row.config_hash, row.varied]));
  return [lookLine(until.look, { varied, most: until.max_cycles })];
}

/** Of an experiment. */
const LONGEST_NAME = 60;

type NameOf = (config_hash: string) => string;

function mainLine({ cycle, decision, metrics }: Look, nameOf: NameOf, most: number): string {
  switch (decision) {
    case "none_left":
      return noneLeft(cycle);
    case "met":
      return widthsMet(
        metrics.filter(({ of }) => of > 0).map(({ metric, target, widest }) => ({
          metric: printable(metric),
          width: percent(claimedWidth({ half_width: widest[0]?.width ?? null }, target) ?? target),
        })),
        cycle,
      );
    case "continue":
      return lookGoesOn(cycle, most, metrics.filter(({ of }) => of > 0).map((each) => atLook(each, nameOf)));
    case "max_cycles":
    case "time_budget":
      return widthsNotMet(decision, cycle, metrics.flatMap((each) => missed(each, nameOf)));
  }
}

function atLook({ metric, target, met, of, widest: [widest] }: LookMetric, nameOf: NameOf): string {
  const wide = met === of || widest === undefined
    ? null
    : { experiment: nameOf(widest.config_hash), width: percent(widest.width) };
  return metricAtLook({ metric: printable(metric), target: percent(target), met, of }, wide);
}

/** The widest experiment of a metric that is not known well enough. */
function missed({ metric, target, met, of, widest: [widest] }: LookMetric, nameOf: NameOf): string[] {
  if (met === of || widest === undefined) return [];
  const experiment = nameOf(widest.config_hash);
  const [width, wished] = [percent(widest.width), percent(target)];
  if (widest.width <= target) {
    return [widthMetOnce({ metric: printable(metric), experiment, target: wished })];
  }
  return [
    widthMissed({ metric: printable(metric), experiment, width, target: wished }, moreRuns(widest, target)),
  ];
}

/** Runs that would make an interval narrow enough, by the spread so far; null where nobody makes as many. */
function moreRuns({ n, width }: LookWidth, target: number): number | null {
  const deviation = Math.log1p(width) * Math.sqrt(n) / tQuantile(0.975, n - 1);
  const needed = runsForWidth(deviation, target);
  return needed === null ? null : Math.max(1, needed - n);
}

function leftOutText({ left_out: [first], n_left_out }: Look, nameOf: NameOf): string[] {
  if (first === undefined) return [];
  const { metric, config_hash, reason } = first;
  return [leftOut({ metric: printable(metric), experiment: nameOf(config_hash), reason }, n_left_out - 1)];
}

/** A share in percent, to two digits. */
function percent(share: number): string {
  return String(Number((share * 100).toPrecision(2)));
}
