import { gapSeconds } from "./gaps.ts";
import type { Plan } from "./plan.ts";

/** How long completed runs took in earlier studies on a machine like this one. */
export interface EarlierTimes {
  /** Seconds from the start of a run to its end, the median of its runs, by configuration hash. */
  readonly run_s: ReadonlyMap<string, number>;
  /** Seconds of that in which it was measured, on average; left out where no study tells. */
  readonly window_s?: ReadonlyMap<string, number>;
  /** How many studies these come from. */
  readonly studies: number;
}

export const NO_EARLIER_TIMES: EarlierTimes = { run_s: new Map(), studies: 0 };

/** What a lower bound is the sum of. */
export type TimePart = "earlier runs" | "measured windows" | "gaps" | "idle power";

/** How long a study is going to take, in seconds. */
export type TimeEstimate =
  /** Every configuration has run before. */
  | { readonly kind: "earlier"; readonly seconds: number; readonly studies: number }
  /** At least so long; loading, warm-up and windows that no time is asked for come on top. */
  | { readonly kind: "least"; readonly seconds: number; readonly parts: readonly TimePart[] }
  /** Nothing is known before a first run. */
  | { readonly kind: "unknown" };

/** The time of these runs one after the other, the first of them with no gap before it; `idle_s` is that of metering idle power. */
export function estimateTime(
  { runs, gaps, search = null, execution }:
    & Pick<Plan, "runs" | "gaps">
    & Partial<Pick<Plan, "search" | "execution">>,
  { run_s, studies }: EarlierTimes = NO_EARLIER_TIMES,
  idle_s = 0,
): TimeEstimate {
  const seconds = { "earlier runs": 0, "measured windows": 0, gaps: 0, "idle power": idle_s };
  runs.forEach(({ config_hash, config, gap_before }, index) => {
    const known = run_s.get(config_hash);
    if (known !== undefined) seconds["earlier runs"] += known;
    else seconds["measured windows"] += config.measure.min_seconds ?? 0;
    if (index > 0) seconds.gaps += gapSeconds(gap_before, gaps);
  });
  const all = seconds["earlier runs"] + seconds["measured windows"] + seconds.gaps + idle_s;
  // What is added to these runs only results will tell.
  const isFixed = search === null && (execution?.until ?? null) === null;
  if (isFixed && runs.length > 0 && runs.every(({ config_hash }) => run_s.has(config_hash))) {
    return { kind: "earlier", seconds: all, studies };
  }
  // A bound that rounds to nothing says nothing.
  if (all < 0.5) return { kind: "unknown" };
  return { kind: "least", seconds: all, parts: TIME_PARTS.filter((part) => seconds[part] > 0) };
}

const TIME_PARTS = ["earlier runs", "measured windows", "gaps", "idle power"] as const;
