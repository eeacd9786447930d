import {
  ONE_SAMPLE,
  pooledDesign,
  runsForWidth,
  runsToDetect,
  TWO_SAMPLES,
  USUAL_DECISION,
} from "../statistics/needed.ts";
import { bestPassesPerRun, nestedSpread } from "../statistics/runs_or_window.ts";
import type { Plan } from "./plan.ts";

/** How much a metric varies between runs of one configuration. */
export interface MetricSpread {
  readonly metric: string;
  /** Standard deviation of logarithms, pooled over configurations and studies. */
  readonly deviation: number;
  readonly degrees: number;
}

/** Passes through the prompts within runs of one configuration. */
export interface WindowSpread {
  /** Seconds that each pass took, by run. */
  readonly passes_s: readonly (readonly number[])[];
  /** Seconds of a run besides its passes. */
  readonly run_s: number;
}

/** What earlier studies on a machine like this one tell of the scatter of a plan's configurations. */
export interface EarlierSpread {
  readonly metrics: readonly MetricSpread[];
  /** Null where no run tells. */
  readonly window: WindowSpread | null;
  /** How many studies these come from. */
  readonly studies: number;
}

/** How many cycles a metric needs. */
export interface CycleAdvice {
  readonly metric: string;
  /** Between runs, as a share. */
  readonly variation: number;
  /** The half width that is asked for, or the usual one. */
  readonly width: number;
  /** Cycles that give it; null where nobody makes as many. */
  readonly for_width: number | null;
  /** The difference of two settings that `to_decide` cycles find with 80 % probability. */
  readonly difference: number;
  readonly to_decide: number | null;
  readonly studies: number;
}

/** How long a run should be. */
export interface WindowAdvice {
  /** Passes that runs had, and what each took. */
  readonly passes: number;
  readonly pass_s: number;
  /** The number of passes that narrows the interval most for the time spent; null where runs add nothing to their passes. */
  readonly best_passes: number | null;
}

/** What earlier studies say about the repeats of a plan. */
export interface RepeatAdvice {
  readonly cycles: readonly CycleAdvice[];
  readonly window: WindowAdvice | null;
}

/** The half width, and the difference, that advice is about where a plan names none. */
const USUAL_WIDTH = 0.02;
/** Fewer degrees of freedom say too little of a spread. */
const LEAST_DEGREES = 4;
const MOST_METRICS = 2;
/** Told first, where the plan has no `until`. */
const USUAL_METRICS = ["j_per_output_token", "output_tokens_per_s"];
/** Fewer runs, or passes in each, say too little of what a longer window would do. */
const LEAST_RUNS = 3;
const LEAST_PASSES = 3;

/** How many cycles, and how long a window, by the scatter of earlier studies; nothing where that is not known. */
export function adviseRepeats(
  { execution, n_experiments }: Pick<Plan, "execution" | "n_experiments">,
  { metrics, window, studies }: EarlierSpread,
): RepeatAdvice {
  const { until } = execution;
  const wanted = until === null ? USUAL_METRICS : Object.keys(until);
  const known = metrics.filter(({ degrees, deviation }) => degrees >= LEAST_DEGREES && deviation > 0);
  const listed = wanted.flatMap((name) => known.find(({ metric }) => metric === name) ?? []);
  // A worker's own number is told where it gives none of ours.
  const told = listed.length > 0 || until !== null ? listed : known.slice(0, 1);
  const design = n_experiments > 1 ? pooledDesign(n_experiments) : TWO_SAMPLES;
  const shown = told.slice(0, MOST_METRICS);
  // A comparison adjusts its p-values over all experiments and metrics: the strictest of its tests has to find it.
  const tests = Math.max(1, n_experiments - 1) * Math.max(1, shown.length);
  const decision = { ...USUAL_DECISION, alpha: USUAL_DECISION.alpha / tests };
  const cycles = shown.map(({ metric, deviation }): CycleAdvice => {
    const width = until?.[metric] ?? USUAL_WIDTH;
    return {
      metric,
      variation: Math.sqrt(Math.expm1(deviation ** 2)),
      width,
      for_width: runsForWidth(deviation, width, ONE_SAMPLE),
      difference: USUAL_WIDTH,
      to_decide: runsToDetect(Math.log1p(USUAL_WIDTH), deviation, design, decision),
      studies,
    };
  });
  return { cycles, window: window === null ? null : adviseWindow(window) };
}

function adviseWindow({ passes_s, run_s }: WindowSpread): WindowAdvice | null {
  const passes = passes_s[0]?.length ?? 0;
  if (passes_s.length < LEAST_RUNS || passes < LEAST_PASSES) return null;
  const found = nestedSpread(passes_s.map((run) => run.map(Math.log)));
  const all = passes_s.flat();
  const pass_s = all.reduce((sum, seconds) => sum + seconds, 0) / all.length;
  if (found === null || !(pass_s > 0) || !(run_s > 0) || !Number.isFinite(found.within_mean_square)) {
    return null;
  }
  const best = bestPassesPerRun(found, { run_s, pass_s });
  return { passes, pass_s, best_passes: Number.isFinite(best) ? Math.max(1, Math.round(best)) : null };
}
