import { HEADLINE_METRICS, type HeadlineMetric } from "./headline.ts";

/** Which way a metric is better; null where it is neither: a setting, or a fact that a comparison must not judge. */
export type Direction = "less" | "more" | null;

/** What a number means: the one declaration behind `llem compare`, `llem export` and docs/results.md. */
export interface MetricDeclaration {
  /** As in records and columns. */
  readonly name: string;
  /** In words, with `/` for per: `ms`, `tokens/s`, `J/token`; `1` is a share or a count. */
  readonly unit: string;
  readonly better: Direction;
  /** One sentence. */
  readonly definition: string;
}

type Facts = Omit<MetricDeclaration, "name">;

const OF_REQUESTS = "of the requests that succeeded in the measured window";

function latency(what: string): { readonly median: Facts; readonly p99: Facts } {
  const unit = "ms";
  return {
    median: { unit, better: "less", definition: `Median of the ${what}.` },
    p99: { unit, better: "less", definition: `99th percentile of the ${what}.` },
  };
}

const TTFT = latency(`time from the sending of a request to its first output token, ${OF_REQUESTS}`);
const TTFT_SCHED = latency(
  `time from when a request was due to its first output token, ${OF_REQUESTS}: a late client counts`,
);
const TPOT = latency(
  `time per output token after the first, from the first token to the last, ${OF_REQUESTS}`,
);
const ITL = latency(`gaps between tokens, all ${OF_REQUESTS} together`);
const E2E = latency(`time from the sending of a request to its end, ${OF_REQUESTS}`);

const HEADLINES: Readonly<Record<HeadlineMetric, Facts>> = {
  output_tokens_per_s: {
    unit: "tokens/s",
    better: "more",
    definition: "Generated tokens per second of the measured window.",
  },
  total_tokens_per_s: {
    unit: "tokens/s",
    better: "more",
    definition: "Tokens of prompts and generated tokens per second of the measured window.",
  },
  requests_per_s: {
    unit: "requests/s",
    better: "more",
    definition: "Requests per second of the measured window; those that succeeded, where the worker tells.",
  },
  ttft_ms: TTFT.median,
  ttft_p99_ms: TTFT.p99,
  tpot_ms: TPOT.median,
  tpot_p99_ms: TPOT.p99,
  itl_ms: ITL.median,
  itl_p99_ms: ITL.p99,
  e2e_ms: E2E.median,
  e2e_p99_ms: E2E.p99,
  window_s: {
    unit: "s",
    better: null,
    definition: "Length of the measured window: the union of the worker's `measure` phases.",
  },
  input_tokens: {
    unit: "tokens",
    better: null,
    definition: "Tokens of the prompts of the measured window.",
  },
  output_tokens: {
    unit: "tokens",
    better: null,
    definition: "Tokens generated in the measured window.",
  },
  energy_j: {
    unit: "J",
    better: "less",
    definition:
      "Energy of the devices that the run used, over the measured window; absent where it cannot be attributed.",
  },
  energy_uncertainty_j: {
    unit: "J",
    better: null,
    definition: "Expanded uncertainty (k = 2) of `energy_j`, without the gain of the sensor.",
  },
  j_per_output_token: {
    unit: "J/token",
    better: "less",
    definition: "`energy_j` per generated token.",
  },
  j_per_total_token: {
    unit: "J/token",
    better: "less",
    definition: "`energy_j` per token of prompts and generated tokens.",
  },
  avg_power_w: {
    unit: "W",
    better: null,
    definition: "`energy_j` per second of the measured window.",
  },
  wh_per_1000_requests: {
    unit: "Wh/1000 requests",
    better: "less",
    definition: "`energy_j` per request, in watt-hours for 1000 requests.",
  },
  energy_adjusted_j: {
    unit: "J",
    better: null,
    definition:
      "`energy_j` less what the devices would have drawn without any worker; a difference, which may be negative.",
  },
  baseline_power_w: {
    unit: "W",
    better: null,
    definition: "Power of the devices without any worker.",
  },
  failed_requests: {
    unit: "requests",
    better: "less",
    definition: "Requests of the measured phase that failed; absent where the worker does not tell.",
  },
  ttft_sched_ms: TTFT_SCHED.median,
  ttft_sched_p99_ms: TTFT_SCHED.p99,
  goodput_per_s: {
    unit: "requests/s",
    better: "more",
    definition: "Requests per second of the measured window that keep every limit of the study's `slo`.",
  },
  slo_share: {
    unit: "1",
    better: "more",
    definition:
      "Share of the requests of the measured window, failed ones included, that keep every limit of `slo`.",
  },
  j_per_good_request: {
    unit: "J/request",
    better: "less",
    definition: "`energy_j` per request that keeps every limit of `slo`.",
  },
  net_j_per_output_token: {
    unit: "J/token",
    better: null,
    definition: "Energy above what the loaded model draws when idle, per generated token; may be negative.",
  },
  idle_share: {
    unit: "1",
    better: null,
    definition: "What the loaded model would have drawn when idle, as a share of `energy_j`.",
  },
};

/** Numbers that llem's own workers give under `measurement.metrics`. */
const OF_WORKERS: Readonly<Record<string, Facts>> = {
  prefill_tokens_per_s: {
    unit: "tokens/s",
    better: "more",
    definition: "Tokens of prompts per second that the engine spent on prompts.",
  },
  decode_tokens_per_s: {
    unit: "tokens/s",
    better: "more",
    definition: "Generated tokens after the first of each request per second that the engine spent on them.",
  },
  passes: {
    unit: "1",
    better: null,
    definition:
      "How often the prompts were gone through in the measured window; the last pass may be partial.",
  },
  graphs_reused: {
    unit: "1",
    better: null,
    definition: "llamacpp: how often the engine could use a compute graph again.",
  },
  import_s: {
    unit: "s",
    better: null,
    definition: "Python workers: time to import the engine.",
  },
  load_s: {
    unit: "s",
    better: null,
    definition: "Python workers: time to load the model.",
  },
  prompts_cut: {
    unit: "prompts",
    better: null,
    definition: "Python workers: prompts that were cut to `max_input_tokens`.",
  },
};

/** In the order of tables and columns: the headline metrics, then those of llem's own workers. */
export const METRIC_DECLARATIONS: readonly MetricDeclaration[] = [
  ...HEADLINE_METRICS.map((name) => ({ name, ...HEADLINES[name] })),
  ...Object.entries(OF_WORKERS).map(([name, facts]) => ({ name, ...facts })),
];

const BY_NAME = new Map(METRIC_DECLARATIONS.map((metric) => [metric.name, metric]));

/** Null for a metric that a worker of the user's own has named, of which llem knows neither unit nor direction. */
export function metricDeclaration(name: string): MetricDeclaration | null {
  return BY_NAME.get(name) ?? null;
}
