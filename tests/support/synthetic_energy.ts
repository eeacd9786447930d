/** An energy record as a metered run of one board leaves it, around joules that are made up. */
import type { EnergyRecord } from "../../lib/results/energy/record.ts";

interface SyntheticEnergy {
  readonly uuid: string;
  readonly name: string;
  readonly joules: number;
  readonly window_s: number;
  readonly output_tokens: number;
}

const IDLE_W = 70;
const LOADED_W = 110;

export function syntheticEnergy(
  { uuid, name, joules, window_s, output_tokens }: SyntheticEnergy,
): EnergyRecord {
  const total_j = joules * 0.01;
  const level = (power_w: number) => ({
    power_w,
    reason: null,
    drift_w: 0.2,
    devices: { [uuid]: { power_w, seconds: 5 } },
  });
  const heat = { start_c: 52, end_c: 61, max_c: 62 };
  return {
    headline_j: joules,
    method: "nvml_counter",
    verdict: "resolved",
    verdict_reasons: [],
    covers: "1 GPU board: GPU, memory and regulators, without the host",
    window_s,
    uncertainty_j: total_j,
    relative: total_j / joules,
    avg_power_w: joules / window_s,
    j_per_output_token: joules / output_tokens,
    j_per_total_token: joules / (3 * output_tokens),
    net_j_per_output_token: (joules - LOADED_W * window_s) / output_tokens,
    idle_share: LOADED_W * window_s / joules,
    output_tokens,
    total_tokens: 3 * output_tokens,
    wh_per_1000_requests: joules / 64 * 1000 / 3600,
    budget: {
      edges_j: joules * 0.003,
      sampling_j: null,
      disagreement_j: joules * 0.004,
      baseline_j: 4,
      gain_cross_board_j: joules * 0.05 / Math.sqrt(3),
      repeat_j: null,
      total_j,
    },
    devices: [{
      uuid,
      name,
      source: "counter",
      joules,
      counter_j: joules,
      integral_j: joules * 0.99,
      ratio: 1 / 0.99,
      notes: [],
      avg_power_w: joules / window_s,
      samples: Math.round(window_s * 20),
      longest_gap_ms: 53.4,
      power: "instant",
      trimmed: false,
      update_period_ms: 100,
      update_period_from: "calibration",
      correction_j: 0.7,
    }],
    idle_peers: [],
    host: null,
    baseline: { bare: level(IDLE_W), context: level(90), loaded: level(LOADED_W) },
    net_j: {
      bare: joules - IDLE_W * window_s,
      context: joules - 90 * window_s,
      loaded: joules - LOADED_W * window_s,
      uncertainty_j: { bare: total_j, context: total_j, loaded: total_j },
    },
    phases: ["prefill", "decode"].map((phase, at) => ({
      name: phase,
      windows: 64,
      seconds: window_s * (0.2 + 0.5 * at),
      joules: joules * (0.25 + 0.5 * at),
      uncertainty_j: total_j,
      avg_power_w: joules / window_s,
      reason: null,
    })),
    throttle: { disqualifying: [], devices: [] },
    clocks: [{
      uuid,
      sm_mhz: { mean: 1905.2, min: 1830 },
      memory_mhz: { mean: 2619, min: 2619 },
      power_limits_w: [700],
    }],
    temperature: {
      ...heat,
      reference_c: 45,
      gate_wait_s: 1.2,
      gate_reached: true,
      devices: [{ uuid, ...heat }],
    },
    neighbours: [],
    more_neighbours: 0,
    meter_cpu_share: 0.004,
  };
}
