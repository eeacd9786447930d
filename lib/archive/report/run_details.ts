/**
 * lib/archive/report owns what a page tells of single runs, read from their folders. Bounded in memory, whatever the length of a
 * run.
 */

/** What a report shows of one run besides its numbers. */
export interface RunDetails {
  /** Which of the tables it is of. */
  readonly study: number;
  /** 1-based position in the order of its study. */
  readonly index: number;
  readonly run_id: string;
  readonly config_hash: string;
  readonly cycle: number;
  /** When the first of its phases began, in milliseconds since 1970, UTC; null where that is not known. */
  readonly phases_from_ms: number | null;
  /** Empty where the worker told none. Phases that come with every request are one each. */
  readonly phases: readonly PhaseSpan[];
  /** Null where the run has no energy. */
  readonly energy: EnergySplit | null;
  /** Why there is no energy; null where there is. */
  readonly energy_reason: string | null;
  readonly heat: RunHeat | null;
  /** By the name of the time; a time that no request tells is left out. */
  readonly latency: Readonly<Partial<Record<LatencyTime, Quantiles>>>;
  /** One for each device; empty where there is no trace, or it was not asked for. */
  readonly power: readonly PowerBand[];
}

/** A phase of a run; seconds since the first of its phases began. */
export interface PhaseSpan {
  readonly name: string;
  readonly begin_s: number;
  /** Null where it did not end. */
  readonly end_s: number | null;
}

/** Where the joules of the measured window went; null is unknown. */
export interface EnergySplit {
  readonly headline_j: number | null;
  readonly window_s: number;
  readonly output_tokens: number | null;
  /** What was drawn idle without any worker, with a context, with the loaded model: watts of all devices. */
  readonly bare_w: number | null;
  readonly context_w: number | null;
  readonly loaded_w: number | null;
  /** Joules of the window by the counter of a device and by the integral over its readings, by its UUID. */
  readonly meters: Readonly<Record<string, MeterJoules>>;
}

/** Null is unknown. */
export interface MeterJoules {
  readonly counter_j: number | null;
  readonly integral_j: number | null;
}

/** Temperature and clocks of a run's boards in the measured window: of the hottest, of the slowest. */
export interface RunHeat {
  readonly start_c: number | null;
  readonly end_c: number | null;
  readonly max_c: number | null;
  readonly sm_mean_mhz: number | null;
  readonly sm_min_mhz: number | null;
  /** Seconds of the window by cause, the most of any board; causes of no time are left out. */
  readonly throttled_s: Readonly<Record<string, number>>;
  /** Those that make the number one of a board in trouble. */
  readonly disqualifying: readonly string[];
}

export const LATENCY_TIMES = ["ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"] as const;
export type LatencyTime = typeof LATENCY_TIMES[number];

/** Points of a distribution: the value below which a share of it lies. */
export interface Quantiles {
  readonly n: number;
  /** Rising, from 0 to 1. */
  readonly shares: readonly number[];
  /** Milliseconds, one for each share. */
  readonly values: readonly number[];
  /** `record`: only the percentiles of the record were to be had. */
  readonly source: "requests" | "record";
}

/** The power of a device over a run, in columns of even width. */
export interface PowerBand {
  readonly device: string;
  /** Seconds of the first column's begin since the run's first phase began. */
  readonly from_s: number;
  readonly column_s: number;
  /** Watts; null where a column has no reading. */
  readonly low_w: readonly (number | null)[];
  readonly high_w: readonly (number | null)[];
}
