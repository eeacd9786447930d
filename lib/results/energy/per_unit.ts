import type { WindowCounts } from "../run_numbers.ts";
import type { EnergyRecord } from "./record.ts";

/** Joules for each token and request of the window. */
export type PerUnit = Required<
  Pick<
    EnergyRecord,
    | "j_per_output_token"
    | "j_per_total_token"
    | "net_j_per_output_token"
    | "output_tokens"
    | "total_tokens"
    | "wh_per_1000_requests"
  >
>;

/** `netLoadedJ`: what is left without the power of the loaded and idle model; null where that was not measured. */
export function perUnit(
  headlineJ: number | null,
  netLoadedJ: number | null,
  counts: WindowCounts | null,
): PerUnit {
  const output = counts?.output_tokens ?? null;
  const input = counts?.input_tokens ?? null;
  const total = output === null || input === null ? null : input + output;
  const perRequestJ = per(headlineJ, counts?.requests ?? null);
  return {
    j_per_output_token: per(headlineJ, output),
    j_per_total_token: per(headlineJ, total),
    net_j_per_output_token: per(netLoadedJ, output),
    output_tokens: output,
    total_tokens: total,
    wh_per_1000_requests: perRequestJ === null ? null : perRequestJ * 1000 / 3600,
  };
}

/** The share that the loaded model would have drawn anyway, its power times the window; above 1 where the load drew less. */
export function idleShare(headlineJ: number | null, netLoadedJ: number | null): number | null {
  return headlineJ === null || netLoadedJ === null || headlineJ <= 0
    ? null
    : (headlineJ - netLoadedJ) / headlineJ;
}

function per(value: number | null, count: number | null): number | null {
  return value === null || count === null || count <= 0 ? null : value / count;
}
