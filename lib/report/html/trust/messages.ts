/** The texts that say how far a page can be trusted. */
import { formatNumber, plural } from "../../../base/text.ts";
import type { EnergyVerdict } from "../../../results/energy/record.ts";

export const TRUST_ITEMS = {
  runs: "Runs",
  energy: "Energy",
  throttling: "Throttling",
  others: "Other processes",
  drift: "Drift",
  board: "Board",
  driver: "Driver",
  engine: "Engine",
  same: "Circumstances",
  inputs: "Equal inputs",
  outputs: "Equal outputs",
};

export function runsCounted(
  { total, completed, failed, missing, left, retried }: {
    readonly total: number;
    readonly completed: number;
    readonly failed: number;
    readonly missing: number;
    readonly left: number;
    readonly retried: number;
  },
): string {
  const parts = [
    ...failed > 0 ? [`${failed} failed`] : [],
    ...missing > 0 ? [`${missing} without ${missing === 1 ? "its result" : "their results"}`] : [],
    ...left > 0 ? [`${left} not made yet`] : [],
    ...retried > 0 ? [`${retried} after a retry`] : [],
  ];
  return [`${completed} of ${plural(total, "run")} completed`, ...parts].join(", ");
}

/** `without`: completed runs that have no energy; `reason`: the one that most of those in doubt have. */
export function energyCounts(
  counts: Readonly<Record<EnergyVerdict, number>>,
  without: number,
  reason: string | null,
): string {
  const parts = Object.entries(counts).flatMap(([verdict, count]) =>
    count === 0 ? [] : [`${count} ${verdict}`]
  );
  const all = [...parts, ...without > 0 ? [`${without} without energy`] : []].join(", ");
  return reason === null ? all : `${all}: ${reason}`;
}

export function noEnergy(reason: string | null): string {
  return reason === null ? "not metered" : `not metered: ${reason}`;
}

export function hashesUntold(): string {
  return "not told by the runs";
}

export function throttlingUnseen(): string {
  return "not watched without a meter";
}

export function noRunCompleted(): string {
  return "no run completed";
}

export function noneOf(runs: number): string {
  return `in none of ${plural(runs, "run")}`;
}

export function runsDisturbed(count: number, runs: number): string {
  return `in ${count} of ${plural(runs, "run")}`;
}

export function driftSeen(count: number, runs: number): string {
  return `power or temperature drifted in ${count} of ${plural(runs, "run")}`;
}

export function cyclesInOrder(orders: readonly string[], isSpread: boolean): string {
  const order = orders.join(", ");
  return isSpread
    ? `no sign; cycles ${order}`
    : `cycles ${order}: a drift could not be told from a difference`;
}

/** Kendall's tau of the results against the order of the runs. */
export function resultsDrift(metric: string, tau: number, p: number): string {
  return `${metric} drifts along the runs (Kendall's tau ${tau.toFixed(2)}, p ${
    formatNumber(Number(p.toPrecision(2)))
  })`;
}

/** `names`: of what differs, and nobody set it. */
export function undeclared(names: readonly string[], more: number): string {
  if (names.length === 0) return "nothing differs that nobody set";
  const isOne = names.length + more === 1;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""} ${
    isOne ? "differs" : "differ"
  }, and nobody set that`;
}

export function notKnownApart(): string {
  return "nothing is compared";
}

export function noneKnown(): string {
  return "not recorded";
}

/** What all runs share, or each of the few that differ. */
export function allTheSame(names: readonly string[], more: number): string {
  if (names.length === 0) return "the same in all runs";
  return names.join("; ") + (more > 0 ? ` and ${more} more` : "");
}

export function notTheSame(): string {
  return "not the same in all runs";
}
