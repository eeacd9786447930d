import { rootOfSquares } from "../../base/numbers.ts";
import { COVERAGE, GAIN } from "../energy/budget.ts";
import { OF_HEADLINE_ENERGY } from "../energy/metrics.ts";
import { ENERGY_VERDICTS, type EnergyVerdict } from "../energy/record.ts";
import type { SampleRun } from "./samples.ts";
import type { Sides } from "./pairing.ts";

function isOfHeadline(metric: string): boolean {
  return OF_HEADLINE_ENERGY.has(metric);
}

/**
 * Standard uncertainty of the logarithm of a ratio of energies that repeats do not show (GUM 5.2.2). On the same boards both
 * sides have it in common (r = 1) and the gain of the sensors cancels; on other boards neither does. Null for a metric that is
 * no energy, and where nothing is known of it.
 */
export function commonError({ base, other }: Sides, metric: string): number | null {
  if (!isOfHeadline(metric)) return null;
  const [a, b] = [relativeCommon(base), relativeCommon(other)];
  const gain = gainApart(boardsOf(base), boardsOf(other));
  if (a === null && b === null && gain === 0) return null;
  return gain === 0 ? Math.abs((a ?? 0) - (b ?? 0)) : Math.hypot(a ?? 0, b ?? 0, gain);
}

/** The worse of both sides' worst; null for a metric that is no energy, and where no run has any. */
export function worseVerdict(runs: Iterable<SampleRun>, metric: string): EnergyVerdict | null {
  if (!isOfHeadline(metric)) return null;
  const found = new Set<EnergyVerdict>();
  for (const { summary: { energy } } of runs) if (energy !== null) found.add(energy.verdict);
  return ENERGY_VERDICTS.findLast((verdict) => found.has(verdict)) ?? null;
}

/** Root mean square over the runs that tell it; null where none does. */
function relativeCommon(runs: readonly SampleRun[]): number | null {
  const told = runs.flatMap(({ summary: { energy } }) => {
    const common = energy?.common_uncertainty_j ?? null;
    const headline = energy?.headline_j ?? 0;
    return common === null || !(headline > 0) ? [] : [common / COVERAGE / headline];
  });
  return told.length === 0 ? null : rootOfSquares(told) / Math.sqrt(told.length);
}

/**
 * What the gains of sensors add to a ratio. Every board is taken to have an equal share of its side's energy, and a gain that
 * is independent of all others: that of a board on both sides cancels.
 */
function gainApart(base: readonly string[], other: readonly string[]): number {
  const shares = new Map<string, number>();
  for (const board of base) shares.set(board, 1 / base.length);
  for (const board of other) shares.set(board, (shares.get(board) ?? 0) - 1 / other.length);
  const apart = rootOfSquares(shares.values());
  return apart < 1e-12 ? 0 : GAIN * apart;
}

/** By their UUIDs; of a meter that has none that is its own, such as RAPL, by those of its machine. */
function boardsOf(runs: readonly SampleRun[]): string[] {
  const all = runs.flatMap(({ circumstances, summary: { energy } }) => {
    const boards = energy?.boards ?? circumstances["GPU"]?.split(", ") ?? ["host"];
    const isOwn = energy?.method !== "rapl" && boards[0] !== "host";
    return isOwn ? boards : boards.map((board) => `${board} of ${circumstances["machine"] ?? ""}`);
  });
  return [...new Set(all)];
}
