import type { GpuProcess } from "../../meter/meter.ts";
import type { DeviceThrottle } from "../../meter/throttle.ts";
import type { BareLevel } from "./facts.ts";

/** How far a number of energy is to be trusted. Best first. */
export const ENERGY_VERDICTS = ["resolved", "marginal", "unattributable"] as const;
export type EnergyVerdict = typeof ENERGY_VERDICTS[number];

/** Which meter a number comes from; `mixed` where devices differ. */
export type EnergyMethod =
  | "nvml_counter"
  | "nvml_integral"
  | "amd_counter"
  | "amd_integral"
  | "rapl"
  | "replay_counter"
  | "replay_integral"
  | "mixed";

/** `energy` of result.json. Joules are over the window, the union of the `measure` phases; what is not known is null. */
export interface EnergyRecord {
  /** Null where the verdict is `unattributable`. */
  readonly headline_j: number | null;
  readonly method: EnergyMethod | null;
  readonly verdict: EnergyVerdict;
  /** Why it is not `resolved`, one sentence each. */
  readonly verdict_reasons: readonly string[];
  /** What the number covers, in words. */
  readonly covers: string;
  readonly window_s: number;
  /** Expanded (k = 2): about 95 % of the values lie within headline_j +- this. Without the gain of the sensor. */
  readonly uncertainty_j: number | null;
  /** uncertainty_j over headline_j. */
  readonly relative: number | null;
  readonly avg_power_w: number | null;
  readonly j_per_output_token: number | null;
  readonly j_per_total_token: number | null;
  /** Of net_j.loaded: without what the loaded model draws when idle. Absent in records of earlier versions, as is the next. */
  readonly net_j_per_output_token?: number | null;
  /** What the loaded model would have drawn idle over the window (baseline.loaded), over the headline. */
  readonly idle_share?: number | null;
  readonly output_tokens: number | null;
  readonly total_tokens: number | null;
  readonly wh_per_1000_requests: number | null;
  readonly budget: EnergyBudget;
  /** The devices whose sum the headline is. */
  readonly devices: readonly DeviceRow[];
  /** GPUs that the run might have used and did not: they drew this meanwhile, which is in no sum. */
  readonly idle_peers: readonly DeviceRow[];
  /** What the machine's CPU packages and memory drew; in the headline only where `method` is `rapl`. */
  readonly host: HostRow | null;
  readonly baseline: BaselineRow;
  /** The headline less what was drawn anyway. May be negative: it is a difference of two measurements. */
  readonly net_j: NetEnergy;
  readonly phases: readonly PhaseEnergy[];
  readonly throttle: ThrottleRow;
  readonly clocks: readonly ClockRow[];
  readonly temperature: TemperatureRow;
  /** Processes of others on the devices of the headline during the window. */
  readonly neighbours: readonly Neighbour[];
  /** More neighbours than are listed. */
  readonly more_neighbours: number;
  /** The meter's own share of one CPU core. */
  readonly meter_cpu_share: number | null;
}

/** Standard uncertainties (k = 1) in joules, and their root of summed squares, expanded. Null: does not apply here. */
export interface EnergyBudget {
  /** The edges of the window against the update period of the sensor. */
  readonly edges_j: number | null;
  /** Integral only: the spread of the readings. */
  readonly sampling_j: number | null;
  /** Counter against integral. */
  readonly disagreement_j: number | null;
  /** The bare baseline; concerns net_j only and is not in total_j. */
  readonly baseline_j: number | null;
  /** The sensor's gain (5 % / sqrt 3). The same for all runs on one board, so not in total_j; count it between boards. */
  readonly gain_cross_board_j: number | null;
  /** The spread of repeats: unknown to one record; the summary has it. */
  readonly repeat_j: null;
  /** Expanded, k = 2. */
  readonly total_j: number | null;
}

export interface DeviceRow {
  readonly uuid: string;
  readonly name: string;
  readonly source: "counter" | "integral" | null;
  /** That of the source. */
  readonly joules: number | null;
  readonly counter_j: number | null;
  readonly integral_j: number | null;
  /** Counter over integral. */
  readonly ratio: number | null;
  /** Why a meter of it gave no number or was not used. */
  readonly notes: readonly string[];
  readonly avg_power_w: number | null;
  /** Readings of power in the window. */
  readonly samples: number;
  readonly longest_gap_ms: number | null;
  /** What a reading of power is. */
  readonly power: "instant" | "average_1s" | "average" | null;
  /** A second was left out at both edges, since readings are averages. */
  readonly trimmed: boolean;
  readonly update_period_ms: number;
  readonly update_period_from: "calibration" | "assumed";
  /** Joules moved to come from the counter's readings to the exact edges. */
  readonly correction_j: number | null;
}

export interface HostRow {
  readonly package_j: number | null;
  readonly dram_j: number | null;
  /** Packages and memory that could not be read, with the reason: no sum covers their kind. Left out by older versions. */
  readonly unread?: readonly { readonly uuid: string; readonly reason: string }[];
  /** Why nothing of it is told, where other runs of the study were on the machine during the window; else left out. */
  readonly reason?: string;
  readonly devices: readonly DeviceRow[];
}

export interface BaselineRow {
  /** Without any worker. */
  readonly bare: LevelRow;
  /** From the worker's `context_idle`: a context and nothing else. */
  readonly context: LevelRow;
  /** From the worker's `loaded_idle`: the model is loaded and nothing runs. */
  readonly loaded: LevelRow;
}

export interface LevelRow {
  /** All devices of the headline together. */
  readonly power_w: number | null;
  readonly reason: string | null;
  /** After less before the window, where the worker idled on both sides. */
  readonly drift_w: number | null;
  readonly devices: Readonly<
    Record<string, BareLevel | { readonly power_w: number; readonly seconds: number }>
  >;
}

export interface NetEnergy {
  readonly bare: number | null;
  readonly context: number | null;
  readonly loaded: number | null;
  /** Expanded uncertainties (k = 2) of the three. */
  readonly uncertainty_j: {
    readonly bare: number | null;
    readonly context: number | null;
    readonly loaded: number | null;
  };
}

export interface PhaseEnergy {
  readonly name: string;
  /** Windows of that name after those that overlap are joined. */
  readonly windows: number;
  readonly seconds: number;
  readonly joules: number | null;
  /** Expanded, k = 2. */
  readonly uncertainty_j: number | null;
  readonly avg_power_w: number | null;
  /** Why there are no joules. */
  readonly reason: string | null;
}

export interface ThrottleRow {
  readonly disqualifying: readonly string[];
  readonly devices: readonly (DeviceThrottle & { readonly uuid: string })[];
}

export interface ClockRow {
  readonly uuid: string;
  readonly sm_mhz: { readonly mean: number; readonly min: number } | null;
  readonly memory_mhz: { readonly mean: number; readonly min: number } | null;
  readonly power_limits_w: readonly number[];
}

/** Of the hottest board, and of each. */
export interface TemperatureRow {
  readonly start_c: number | null;
  readonly end_c: number | null;
  readonly max_c: number | null;
  readonly reference_c: number | null;
  readonly gate_wait_s: number | null;
  readonly gate_reached: boolean | null;
  /** What let it through beside neighbours; left out where it was to be back at the reference. */
  readonly gate_by?: "reference" | "slope" | "limit";
  readonly devices: readonly {
    readonly uuid: string;
    readonly start_c: number | null;
    readonly end_c: number | null;
    readonly max_c: number | null;
  }[];
}

export interface Neighbour {
  readonly pid: number;
  readonly name: string | null;
  readonly device: string;
  /** The other run of the same study that it belongs to; left out where it is of none. */
  readonly run_id?: string;
  /** `graphics`: nothing but drawing, as a desktop does. */
  readonly kind: GpuProcess["kind"];
  readonly memory_bytes: number | null;
  /** How long of the window (first to last sight). */
  readonly seconds: number;
}
