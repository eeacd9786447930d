import { rootOfSquares } from "../../base/numbers.ts";
import type { DeviceEnergy } from "../../meter/device_energy.ts";
import type { EnergyBudget } from "./record.ts";

/** Expanded uncertainties are this many standard ones: about 95 %. */
export const COVERAGE = 2;

/** A board's sensor is off by a fixed factor, evenly up to 5 %: its standard uncertainty, as a share. Source: arXiv 2312.02741. */
export const GAIN = 0.05 / Math.sqrt(3);

/** What is uncertain about one device's joules. */
export interface UncertainDevice {
  readonly energy: Pick<DeviceEnergy, "edges_j" | "sampling_j" | "disagreement_j">;
}

/**
 * The error budget of the sum over devices. Edges and sampling of devices are independent; a disagreement of the two meters
 * has one cause on all boards, so it adds up.
 */
export function energyBudget(
  devices: readonly UncertainDevice[],
  headlineJ: number | null,
  baselineSdJ: number | null,
): EnergyBudget {
  const of = (pick: (device: UncertainDevice) => number | null): readonly number[] =>
    devices.map(pick).filter((value) => value !== null);
  const edges_j = rootSquares(of(({ energy }) => energy.edges_j));
  const sampling_j = rootSquares(of(({ energy }) => energy.sampling_j));
  const apart = of(({ energy }) => energy.disagreement_j);
  const disagreement_j = apart.length === 0 ? null : apart.reduce((sum, value) => sum + value, 0);
  const parts = [edges_j, sampling_j, disagreement_j].filter((value) => value !== null);
  return {
    edges_j,
    sampling_j,
    disagreement_j,
    baseline_j: baselineSdJ,
    gain_cross_board_j: headlineJ === null ? null : Math.abs(headlineJ) * GAIN,
    repeat_j: null,
    total_j: headlineJ === null || edges_j === null ? null : COVERAGE * rootOfSquares(parts),
  };
}

function rootSquares(values: readonly number[]): number | null {
  return values.length === 0 ? null : rootOfSquares(values);
}
