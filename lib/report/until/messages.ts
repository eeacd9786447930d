/** Texts for people about studies that repeat until an interval is narrow enough. */
import { plural } from "../../base/text.ts";
import type { LeftOutReason } from "../../statistics/look.ts";

/** Behind how many runs a study begins with whose number of cycles is open. */
export function mayGrow(most: number): string {
  return `; up to ${plural(most, "run")} in all`;
}

/** How much a plan makes whose number of cycles is open. */
export function openPlanCounts(
  experiments: number,
  least: { readonly cycles: number; readonly runs: number },
  most: { readonly cycles: number; readonly runs: number },
  skipped: number,
): string {
  const left = skipped > 0 ? `, ${plural(skipped, "point")} skipped` : "";
  return `${plural(experiments, "experiment")} x ${least.cycles} to ${plural(most.cycles, "cycle")} = ` +
    `${least.runs} to ${plural(most.runs, "run")}${left}`;
}

/** The line of a plan that says when its cycles end. */
export function untilPlanned(
  targets: readonly { readonly metric: string; readonly width: string }[],
  { least, budget }: { readonly least: number; readonly budget: string | null },
): string {
  const wished = targets.map(({ metric, width }) => `${metric} known to +-${width} %`).join(" and ");
  const limit = budget === null ? "" : `, or until another cycle would end after ${budget}`;
  return `until ${wished} for every experiment, at two looks in a row (the first after ${least} cycles)${limit}`;
}

/** How many cycles a metric needs, by earlier studies; `had` is what the plan has, null where that is open. */
export function cyclesAdvised(
  { metric, variation, studies }: {
    readonly metric: string;
    readonly variation: string;
    readonly studies: number;
  },
  needs: readonly { readonly cycles: number | null; readonly what: string }[],
  had: number | null,
): string {
  const told = needs.flatMap(({ cycles, what }) =>
    cycles === null ? [] : [`${plural(cycles, "cycle")} ${what}`]
  );
  const own = had === null ? "" : ` (this study has ${had})`;
  const need = told.length === 0
    ? `no reasonable number of cycles can ${needs.map(({ what }) => what).join(" or ")}`
    : told.join(", ");
  return `repeats: ${metric} varies by ${variation} % between runs here (${
    studies === 1 ? "an earlier study" : `${studies} earlier studies`
  }): ${need}${own}`;
}

/** Of a cycle count in {@link cyclesAdvised}. */
export function givesWidth(width: string): string {
  return `give +-${width} %`;
}

export function decidesDifference(difference: string): string {
  return `decide a difference of ${difference} %`;
}

/** How long a run should be; `best` is null where only the time within runs matters. */
export function windowAdvised(
  { passes, seconds }: { readonly passes: number; readonly seconds: string },
  best: { readonly passes: number; readonly seconds: string } | null,
): string {
  const had = `runs had ${passesOf(passes)} (${seconds})`;
  if (best === null) {
    return `window: runs differ no more than their passes do, so a longer window helps as much as more runs; ${had}`;
  }
  const wished = `${passesOf(best.passes)} (${best.seconds}) per run`;
  return best.passes > passes
    ? `window: ${wished} would use the time best; ${had}`
    : `window: ${wished} would do, a longer window does not replace cycles; ${had}`;
}

/** A metric at a look: how many experiments have met the width, and the widest of the others. */
export function metricAtLook(
  { metric, target, met, of }: {
    readonly metric: string;
    readonly target: string;
    readonly met: number;
    readonly of: number;
  },
  widest: { readonly experiment: string; readonly width: string } | null,
): string {
  const rest = widest === null ? "" : `; widest +-${widest.width} %${named(widest.experiment)}`;
  return `${metric} within +-${target} % at two looks for ${met} of ${plural(of, "experiment")}${rest}`;
}

/** A look after which the study goes on. */
export function lookGoesOn(cycle: number, most: number, metrics: readonly string[]): string {
  return `${plural(cycle, "cycle")} of up to ${most}: ${metrics.join("; ")}`;
}

/** Every experiment has met every width. */
export function widthsMet(
  metrics: readonly { readonly metric: string; readonly width: string }[],
  cycles: number,
): string {
  const [first = "", ...others] = metrics.map(({ metric, width }, index) =>
    `${metric} ${index === 0 ? "known " : ""}to +-${width} %`
  );
  return `${[first, ...others].join(", ")} after ${plural(cycles, "cycle")}`;
}

/** A limit ended the study before. */
export function widthsNotMet(
  limit: "max_cycles" | "time_budget",
  cycles: number,
  missed: readonly string[],
): string {
  const why = limit === "max_cycles" ? "" : " (execution.time_budget_seconds)";
  return `not reached after ${plural(cycles, "cycle")}${why}: ${missed.join("; ")}`;
}

/** An experiment that has not met a width; `more` cycles would do, by its spread so far. */
export function widthMissed(
  { metric, experiment, width, target }: {
    readonly metric: string;
    readonly experiment: string;
    readonly width: string;
    readonly target: string;
  },
  more: number | null,
): string {
  const of = experiment === "" ? "" : ` of ${experiment}`;
  const remedy = more === null
    ? ""
    : more <= 1
    ? ", one more cycle may do"
    : `, about ${more} more cycles would do`;
  return `${metric}${of} is known to +-${width} %, not +-${target} %${remedy}`;
}

/** An experiment that has met a width at its last look alone. */
export function widthMetOnce(
  { metric, experiment, target }: {
    readonly metric: string;
    readonly experiment: string;
    readonly target: string;
  },
): string {
  const of = experiment === "" ? "" : ` of ${experiment}`;
  return `${metric}${of} is within +-${target} % at one look and needs two, one more cycle may do`;
}

/** Nothing is left that could become narrower. */
export function noneLeft(cycles: number): string {
  return `the study ends after ${
    plural(cycles, "cycle")
  }: no experiment is left whose interval could be looked at`;
}

/** Experiments that the rule leaves out for a metric. */
export function leftOut(
  { metric, experiment, reason }: {
    readonly metric: string;
    readonly experiment: string;
    readonly reason: LeftOutReason;
  },
  others: number,
): string {
  const more = others === 0 ? "" : `, and ${plural(others, "other")}`;
  return `not looked at: ${experiment === "" ? "the experiment" : experiment} for ${metric} (${
    REASONS[reason]
  })${more}`;
}

const REASONS: Readonly<Record<LeftOutReason, string>> = {
  failed: "fewer than half of its runs completed",
  no_value: "fewer than half of its runs gave it",
  not_positive: "it is not above 0 in every run",
};

function passesOf(count: number): string {
  return count === 1 ? "1 pass" : `${count} passes`;
}

function named(experiment: string): string {
  return experiment === "" ? "" : ` (${experiment})`;
}
