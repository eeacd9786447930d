import { rootOfSquares } from "../../base/numbers.ts";
import type { ResultRecord } from "../record.ts";
import { COVERAGE } from "./budget.ts";
import type { NoEnergyCode } from "./facts.ts";
import type { EnergyMethod, EnergyVerdict } from "./record.ts";

/** The energy of one run as far as rows and scripts need it; `energy` of the NDJSON. Uncertainties are expanded, k = 2. */
export interface RunEnergy {
  readonly headline_j: number | null;
  /** Both of the next, in quadrature. */
  readonly uncertainty_j: number | null;
  /** The part that differs from window to window: its edges and the readings. The spread of repeats has it. */
  readonly random_uncertainty_j?: number | null;
  /**
   * The part that all windows of one board share, as repeats cannot show it; null where only one meter tells. Left out
   * where nobody tells the parts apart.
   */
  readonly common_uncertainty_j?: number | null;
  /** What the gain of a board's sensor is worth, the same for all runs on it: counts between boards. In no other part. */
  readonly gain_uncertainty_j?: number | null;
  /** The uuids of the devices whose sum the headline is, sorted. */
  readonly boards?: readonly string[];
  readonly j_per_output_token: number | null;
  readonly method: EnergyMethod | null;
  readonly verdict: EnergyVerdict;
  readonly verdict_reasons: readonly string[];
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
  // No schema looks that deep into a file that somebody may have changed.
  const { edges_j = null, sampling_j = null, disagreement_j = null, gain_cross_board_j = null } =
    energy.budget ?? {};
  const random = [edges_j, sampling_j].filter((part) => part !== null);
  return {
    headline_j,
    uncertainty_j,
    random_uncertainty_j: random.length === 0 ? null : COVERAGE * rootOfSquares(random),
    common_uncertainty_j: expanded(disagreement_j),
    gain_uncertainty_j: expanded(headline_j === null ? null : gain_cross_board_j),
    boards: (energy.devices ?? []).map(({ uuid }) => uuid).sort(),
    j_per_output_token,
    method,
    verdict,
    verdict_reasons,
  };
}

function expanded(standardJ: number | null): number | null {
  return standardJ === null ? null : COVERAGE * standardJ;
}
