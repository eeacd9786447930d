import { HEADLINE_METRICS, type HeadlineMetric } from "./headline.ts";

/** Which way a metric is better; null where it is neither: a setting, or a fact that a comparison must not judge. */
export type Direction = "less" | "more" | null;

/** What a number means: the one declaration behind tables, sentences, pages, exports and docs/results.md. */
export interface MetricDeclaration {
  /** As in records and columns. */
  readonly name: string;
  /** Above its numbers in a table, and at the axis of a plot. */
  readonly heading: string;
  /** In a sentence. */
  readonly phrase: string;
  /** In words, with `/` for per: `ms`, `tokens/s`, `J/token`; `1` is a share or a count. */
  readonly unit: string;
  readonly better: Direction;
  /** One sentence. */
  readonly definition: string;
}

/** Of one that people know by its name alone, the heading and the phrase are left out. */
type Facts = Omit<MetricDeclaration, "name" | "heading" | "phrase"> & Words;

/** What people call it; a heading that is left out is the name. */
interface Words {
  readonly heading?: string;
  readonly phrase?: string;
}

/** Declares one by its unit and direction. */
function metric(
  unit: string,
  better: Direction,
): { describe(definition: string, words?: Words): Facts } {
  return { describe: (definition, words = {}) => ({ ...words, unit, better, definition }) };
}

/** Declares both numbers of a latency. */
function latency(short: string, phrase = short): {
  describe(what: string): { readonly median: Facts; readonly p99: Facts };
} {
  const words = (heading: string, called: string): Words => ({
    heading: `${short} ${heading} ms`,
    phrase: `${called} ${phrase}`,
  });
  return {
    describe: (what) => ({
      median: metric("ms", "less").describe(`Median of the ${what}.`, words("p50", "median")),
      p99: metric("ms", "less").describe(`99th percentile of the ${what}.`, words("p99", "p99")),
    }),
  };
}

const TTFT = latency("TTFT").describe(
  "time from the sending of a request to its first output token, of the requests that succeeded",
);
const TTFT_SCHED = latency("scheduled TTFT").describe(
  "time from when a request was due to its first output token, of the requests that succeeded: a late client counts",
);
const TPOT = latency("TPOT").describe(
  "time per output token after the first, from the first token to the last, of the requests that succeeded",
);
const ITL = latency("ITL").describe("gaps between tokens of all requests that succeeded");
const E2E = latency("E2E", "latency").describe(
  "time from the sending of a request to its end, of the requests that succeeded",
);

const HEADLINES: Readonly<Record<HeadlineMetric, Facts>> = {
  output_tokens_per_s: metric("tokens/s", "more").describe(
    "Generated tokens per second of the measured window.",
    {
      heading: "output tok/s",
      phrase: "output tokens per second",
    },
  ),
  total_tokens_per_s: metric("tokens/s", "more").describe(
    "Tokens of prompts and generated tokens per second of the measured window.",
    {
      heading: "total tok/s",
      phrase: "tokens per second",
    },
  ),
  requests_per_s: metric("requests/s", "more").describe(
    "Requests per second of the measured window; those that succeeded, where the worker tells.",
    { heading: "req/s", phrase: "requests per second" },
  ),
  ttft_ms: TTFT.median,
  ttft_p99_ms: TTFT.p99,
  tpot_ms: TPOT.median,
  tpot_p99_ms: TPOT.p99,
  itl_ms: ITL.median,
  itl_p99_ms: ITL.p99,
  e2e_ms: E2E.median,
  e2e_p99_ms: E2E.p99,
  window_s: metric("s", null).describe(
    "Length of the measured window: the union of the worker's `measure` phases.",
  ),
  input_tokens: metric("tokens", null).describe("Tokens of the prompts of the measured window."),
  output_tokens: metric("tokens", null).describe("Tokens generated in the measured window."),
  energy_j: metric("J", "less").describe(
    "Energy of the devices that the run used, over the measured window; absent where it cannot be attributed.",
    { heading: "J", phrase: "energy" },
  ),
  energy_uncertainty_j: metric("J", null).describe(
    "Expanded uncertainty (k = 2) of `energy_j`, without the gain of the sensor.",
  ),
  j_per_output_token: metric("J/token", "less").describe("`energy_j` per generated token.", {
    heading: "J/token",
    phrase: "energy per output token",
  }),
  j_per_total_token: metric("J/token", "less").describe(
    "`energy_j` per token of prompts and generated tokens.",
    {
      heading: "J/total token",
      phrase: "energy per token",
    },
  ),
  avg_power_w: metric("W", null).describe("`energy_j` per second of the measured window.", {
    heading: "W",
    phrase: "power",
  }),
  wh_per_1000_requests: metric("Wh/1000 requests", "less").describe(
    "`energy_j` per request, in watt-hours for 1000 requests.",
    {
      heading: "Wh/1000 req",
      phrase: "energy per request",
    },
  ),
  energy_adjusted_j: metric("J", null).describe(
    "`energy_j` less what the devices would have drawn without any worker; a difference, which may be negative.",
    { heading: "net J", phrase: "net energy" },
  ),
  baseline_power_w: metric("W", null).describe("Power of the devices without any worker."),
  failed_requests: metric("requests", "less").describe(
    "Requests of the measured phase that failed; absent where the worker does not tell.",
    {
      heading: "failed requests",
      phrase: "failed requests",
    },
  ),
  ttft_sched_ms: TTFT_SCHED.median,
  ttft_sched_p99_ms: TTFT_SCHED.p99,
  goodput_per_s: metric("requests/s", "more").describe(
    "Requests per second of the measured window that keep every limit of the study's `slo`.",
    {
      heading: "goodput req/s",
      phrase: "good requests per second",
    },
  ),
  slo_share: metric("1", "more").describe(
    "Share of the requests of the measured window, failed ones included, that keep every limit of `slo`.",
    { heading: "good share", phrase: "share of good requests" },
  ),
  j_per_good_request: metric("J/request", "less").describe(
    "`energy_j` per request that keeps every limit of `slo`.",
    {
      heading: "J/good req",
      phrase: "energy per good request",
    },
  ),
  net_j_per_output_token: metric("J/token", null).describe(
    "Energy above what the loaded model draws when idle, per generated token; may be negative.",
    {
      heading: "net J/token",
      phrase: "net energy per output token",
    },
  ),
  idle_share: metric("1", null).describe(
    "What the loaded model would have drawn when idle, as a share of `energy_j`.",
    { heading: "idle share", phrase: "idle share" },
  ),
};

/** Numbers that llem's own workers give under `measurement.metrics`. */
const OF_WORKERS: Readonly<Record<string, Facts>> = {
  prefill_tokens_per_s: metric("tokens/s", "more").describe(
    "Tokens of prompts per second that the engine spent on prompts.",
    {
      heading: "prefill tok/s",
      phrase: "prefill tokens per second",
    },
  ),
  decode_tokens_per_s: metric("tokens/s", "more").describe(
    "Generated tokens after the first of each request per second that the engine spent on them.",
    {
      heading: "decode tok/s",
      phrase: "decode tokens per second",
    },
  ),
  passes: metric("1", null).describe(
    "How often the prompts were gone through in the measured window; the last pass may be partial.",
  ),
  graphs_reused: metric("1", null).describe(
    "llamacpp: how often the engine could use a compute graph again.",
  ),
  import_s: metric("s", null).describe("Python workers: time to import the engine."),
  load_s: metric("s", null).describe("Python workers: time to load the model.", {
    heading: "load s",
    phrase: "time to load",
  }),
  prompts_cut: metric("prompts", null).describe(
    "Python workers: prompts that were cut to `max_input_tokens`.",
  ),
};

/** In the order of tables and columns: the headline metrics, then those of llem's own workers. */
export const METRIC_DECLARATIONS: readonly MetricDeclaration[] = [
  ...HEADLINE_METRICS.map((name) => ({ name, heading: name, phrase: name, ...HEADLINES[name] })),
  ...Object.entries(OF_WORKERS).map(([name, facts]) => ({ name, heading: name, phrase: name, ...facts })),
];

const BY_NAME = new Map(METRIC_DECLARATIONS.map((metric) => [metric.name, metric]));

/** Null for a metric that a worker of the user's own has named, of which llem knows neither unit nor direction. */
export function metricDeclaration(name: string): MetricDeclaration | null {
  return BY_NAME.get(name) ?? null;
}

/** The column of a metric; a worker's own metric has its own name. */
export function metricHeading(name: string): string {
  return metricDeclaration(name)?.heading ?? name;
}

/** `p99 TTFT`: a metric in a sentence; a worker's own metric has its own name. */
export function metricPhrase(name: string): string {
  return metricDeclaration(name)?.phrase ?? name;
}
