import { sharedServer } from "../experiment/own_server.ts";
import type { Run } from "../experiment/run.ts";
import type { LeftOut, LeftOutReason, Look, LookMetric, LookWidth } from "../statistics/look.ts";
import { lookAtWidth, mayStop } from "../statistics/width_rule.ts";
import { orderRuns } from "./cycle_order.ts";
import { numberedOn } from "./number_on.ts";
import type { Plan } from "./plan.ts";
import { inStudyOrder } from "./study_order.ts";

// A study with `execution.until` begins with its least number of cycles. After each further one it is looked at: the study
// ends where every experiment has met the width at its last two looks. It never goes by the differences between experiments.

/** What a look looks at. */
export type RepeatedPlan = Pick<
  Plan,
  "runs" | "n_experiments" | "n_cycles" | "cycle_order" | "seed" | "gaps" | "execution"
>;

/** What is known of a run that has completed: null where it has not, or has no such metric. */
export interface Results {
  readonly hasCompleted: (run: Pick<Run, "config_hash" | "cycle">) => boolean;
  readonly valueOf: (run: Pick<Run, "config_hash" | "cycle">, metric: string) => number | null;
}

const MOST_WIDEST = 3;
const MOST_LEFT_OUT = 10;

/** A look at a study that has these runs, all of them over or given up; `spent_s` is what the study has taken so far. */
export function lookAt(plan: RepeatedPlan, runs: readonly Run[], results: Results, spent_s: number): Look {
  const { until, min_cycles, max_cycles, time_budget_seconds } = plan.execution;
  const cycle = runs.reduce((most, run) => Math.max(most, run.cycle), 0);
  const own = Map.groupBy(runs, ({ config_hash }) => config_hash);
  const leftOut: LeftOut[] = [];
  const metrics = Object.entries(until ?? {}).map(([metric, target]): LookMetric => {
    const known: (LookWidth & { readonly met: boolean })[] = [];
    for (const [config_hash, all] of own) {
      const made = all.toSorted((one, other) => one.cycle - other.cycle);
      const values = made.map((run) => results.valueOf(run, metric)).filter((value) => value !== null);
      const completed = made.filter(results.hasCompleted).length;
      const reason = reasonOf({ values, completed, cycle });
      const { half_width, met } = lookAtWidth(values, target, min_cycles);
      if (reason !== null || half_width === null) {
        leftOut.push({ config_hash, metric, reason: reason ?? "not_positive" });
      } else {
        const before = lookAtWidth(values.slice(0, -1), target, min_cycles);
        const settled = mayStop([before.met, met]);
        known.push({ config_hash, n: values.length, width: half_width, met: settled });
      }
    }
    const open = known.filter(({ met }) => !met);
    const widest = (open.length > 0 ? open : known).toSorted((one, other) => other.width - one.width);
    return {
      metric,
      target,
      met: known.length - open.length,
      of: known.length,
      widest: widest.slice(0, MOST_WIDEST).map(({ met: _, ...width }) => width),
    };
  });
  const isOver = spent_s + spent_s / Math.max(1, cycle) > (time_budget_seconds ?? Infinity);
  const decision = metrics.every(({ of }) => of === 0)
    ? "none_left"
    : metrics.every(({ met, of }) => met === of)
    ? "met"
    : cycle >= max_cycles
    ? "max_cycles"
    : isOver
    ? "time_budget"
    : "continue";
  const left_out = leftOut.slice(0, MOST_LEFT_OUT);
  return { cycle, decision, metrics, left_out, n_left_out: leftOut.length };
}

/** Half of the cycles are enough, so that single failures do not end the rule for an experiment. */
function reasonOf(
  { values, completed, cycle }: {
    readonly values: readonly number[];
    readonly completed: number;
    readonly cycle: number;
  },
): LeftOutReason | null {
  const isEnough = (count: number): boolean => count >= 2 && count >= Math.floor(cycle / 2);
  if (!isEnough(completed)) return "failed";
  if (!isEnough(values.length)) return "no_value";
  return values.some((value) => !(value > 0)) ? "not_positive" : null;
}

/**
 * The cycle that follows the last one of these runs, in the order that a plan of more cycles has from the start. Experiments
 * of which no run has completed are not in it.
 */
export function nextCycle(plan: RepeatedPlan, runs: readonly Run[], { hasCompleted }: Results): Run[] {
  const cycle = runs.reduce((most, run) => Math.max(most, run.cycle), 0) + 1;
  const alive = new Set(runs.filter(hasCompleted).map(({ config_hash }) => config_hash));
  const planned = runs.slice(0, plan.n_experiments * plan.n_cycles);
  const experiments = inStudyOrder({ ...plan, runs: planned });
  const order = { order: plan.cycle_order, count: cycle, seed: plan.seed ?? 0 };
  const placed = orderRuns(experiments, order, ({ config }) => sharedServer(config))
    .filter((place) => place.cycle === cycle && alive.has(place.item.config_hash))
    .map(({ item: { config, config_hash } }) => ({ config, config_hash, cycle }));
  return numberedOn(plan, runs, placed);
}

/** The runs that a session may make: those that are left, and one of each experiment that a further cycle would run. */
export function mayRun(plan: RepeatedPlan, todo: readonly Run[]): readonly Run[] {
  if (plan.execution.until === null || todo.length === 0) return todo;
  const known = new Set(todo.map(({ config_hash }) => config_hash));
  const others = plan.runs.filter(({ config_hash, cycle }) => cycle === 1 && !known.has(config_hash));
  return [...todo, ...others];
}

/** The most runs that a study may come to; null where the number of its cycles is fixed. */
export function mostRuns(
  { n_experiments, execution }: Pick<Plan, "n_experiments" | "execution">,
): number | null {
  return execution.until === null ? null : n_experiments * execution.max_cycles;
}
