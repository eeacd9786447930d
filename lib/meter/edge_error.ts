import type { PowerCurve } from "./power_curve.ts";
import type { Stretch } from "./stretch.ts";

/**
 * The standard uncertainty (J) of energy between edges that come at no known moment of a sensor's update period T. What is
 * read at an edge is up to T old, so each edge is off by P x u, u even in 0..T: T P / sqrt(12) about the mean, and the
 * means cancel only as far as the power before both edges is the same; what is left of them has one sign over all
 * stretches. With one power at both edges of one stretch this is T P sqrt(2) / sqrt(12).
 *
 * `meanW` is taken where there is no curve.
 */
export function edgeErrorJ(
  curve: PowerCurve | null,
  stretches: readonly Stretch[],
  periodMs: number,
  meanW: number,
): number {
  const periodS = periodMs / 1e3;
  const powerBefore = (tNs: number): number => {
    const joules = curve?.energyJ(tNs - periodMs * 1e6, tNs) ?? null;
    return joules === null ? meanW : joules / periodS;
  };
  let [variance, shift] = [0, 0];
  for (const { begin_ns, end_ns } of stretches) {
    const [begin, end] = [powerBefore(begin_ns), powerBefore(end_ns)];
    variance += (begin ** 2 + end ** 2) / 12;
    shift += (end - begin) / 2;
  }
  return periodS * Math.sqrt(variance + shift ** 2);
}
