import { rootOfSquares } from "../../base/numbers.ts";
import type { NoEnergyCode } from "./facts.ts";
import { ENERGY_VERDICTS, type EnergyMethod, type EnergyVerdict } from "./record.ts";
import type { ResultRecord } from "../record.ts";
import { type Spread, spread } from "../../statistics/spread.ts";

/** The energy of one run as far as rows and scripts need it; `energy` of the NDJSON. */
export interface RunEnergy {
  readonly headline_j: number | null;
  /** Expanded, k = 2. */
  readonly uncertainty_j: number | null;
  /** The part of it that all windows of one board share, as repeats cannot show it; expanded, k = 2. */
  readonly common_uncertainty_j?: number | null;
  readonly j_per_output_token: number | null;
  readonly method: EnergyMethod | null;
  readonly verdict: EnergyVerdict;
  readonly verdict_reasons: readonly string[];
}

/** Energy over the cycles of an experiment. */
export interface EnergySummary {
  /** How many runs have which verdict. */
  readonly verdicts: Readonly<Record<EnergyVerdict, number>>;
  /** The worst of them. */
  readonly verdict: EnergyVerdict;
  readonly methods: readonly EnergyMethod[];
  readonly energy_j: CombinedEnergy | null;
  readonly j_per_output_token: CombinedEnergy | null;
}

/** A mean over cycles with both its errors. */
export interface CombinedEnergy {
  readonly mean: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** The runs' own expanded uncertainty (root mean square): of one sensor, so repeats do not make it smaller. */
  readonly budget: number | null;
  /** Half width of the 95 % interval of the mean over repeats; null for one. */
  readonly repeat: number | null;
  /**
   * The wider of both: a run's own uncertainty, or the spread of repeats with what all runs have in common. What is
   * random in a run (the edges of its window) is in the spread already. Null where neither is known.
   */
  readonly combined: number | null;
  /** `combined` over the mean. */
  readonly relative: number | null;
  readonly n: number;
}

/** Why a run that a server did has no energy, for people and for programs. */
export interface ServedWithoutEnergy {
  readonly energy_reason?: string;
  readonly energy_reason_code?: NoEnergyCode;
}

/** Empty where the run has energy, or no server did its work: what meters a machine has was said at the start of its study. */
export function servedWithoutEnergy(
  { energy_reason, energy_reason_code }: Pick<ResultRecord, "energy_reason" | "energy_reason_code">,
): ServedWithoutEnergy {
  return energy_reason === null || energy_reason_code === undefined
    ? {}
    : { energy_reason, energy_reason_code };
}

/** Null where the run has no energy. */
export function runEnergy({ energy }: ResultRecord): RunEnergy | null {
  if (energy === null) return null;
  const { headline_j, uncertainty_j, j_per_output_token, method, verdict, verdict_reasons } = energy;
  const common = energy.budget?.disagreement_j ?? null;
  const common_uncertainty_j = common === null ? null : 2 * common;
  return {
    headline_j,
    uncertainty_j,
    common_uncertainty_j,
    j_per_output_token,
    method,
    verdict,
    verdict_reasons,
  };
}

/** Null where no run has energy. */
export function summariseEnergy(runs: readonly (RunEnergy | null)[]): EnergySummary | null {
  const known = runs.filter((run) => run !== null);
  if (known.length === 0) return null;
  const count = (verdict: EnergyVerdict): number => known.filter((run) => run.verdict === verdict).length;
  const verdicts = {
    resolved: count("resolved"),
    marginal: count("marginal"),
    unattributable: count("unattributable"),
  };
  return {
    verdicts,
    verdict: ENERGY_VERDICTS.findLast((verdict) => verdicts[verdict] > 0) ?? "unattributable",
    methods: [...new Set(known.map(({ method }) => method).filter((method) => method !== null))],
    energy_j: combine(known, ({ headline_j }) => headline_j),
    j_per_output_token: combine(known, (run) => run.j_per_output_token),
  };
}

function combine(
  runs: readonly RunEnergy[],
  pick: (run: RunEnergy) => number | null,
): CombinedEnergy | null {
  const told = runs.flatMap((run) => {
    const value = pick(run);
    if (value === null) return [];
    const { headline_j, uncertainty_j, common_uncertainty_j = null } = run;
    const scaled = (error_j: number | null): number | null =>
      headline_j === null || error_j === null ? null : error_j / headline_j * value;
    return [{ value, error: scaled(uncertainty_j), common: scaled(common_uncertainty_j) }];
  });
  const found: Spread | null = spread(told.map(({ value }) => value));
  if (found === null) return null;
  const budget = rootMeanSquare(told.map(({ error }) => error));
  const common = rootMeanSquare(told.map((run) => run.common)) ?? 0;
  const { mean, median, min, max, n, ci95: repeat } = found;
  const combined = budget === null && repeat === null
    ? null
    : Math.max(budget ?? 0, repeat === null ? 0 : Math.hypot(repeat, common));
  const relative = combined === null || mean === 0 ? null : combined / Math.abs(mean);
  return { mean, median, min, max, budget, repeat, combined, relative, n };
}

/** Of those that are known; null where none is. */
function rootMeanSquare(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : rootOfSquares(known) / Math.sqrt(known.length);
}
