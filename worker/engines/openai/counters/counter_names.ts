/** What is read of a server's counters, by kind, under common names. Sources: the servers' own metric definitions. */

import { type ServerKind, serverKindOf } from "../../../../lib/experiment/engines/openai/server.ts";
import { optionNeeded } from "./messages.ts";

/** `counter`: only grows; `gauge`: a level; `histogram`: a sum and a count, of which the mean is told. */
export interface CounterName {
  readonly kind: "counter" | "gauge" | "histogram";
  /** As the server calls it; the first that is there is taken (names change between releases). */
  readonly names: readonly string[];
}

/** Common names; a server has some of them. */
export type CounterKey =
  | "running"
  | "waiting"
  | "kv_usage"
  | "prompt_tokens"
  | "output_tokens"
  | "cache_queries"
  | "cache_hits"
  | "cache_hit_rate"
  | "preemptions"
  | "requests"
  | "queue_s"
  | "prefill_s"
  | "decode_s"
  | "ttft_s"
  | "itl_s"
  | "e2e_s"
  | "prompt_s"
  | "predicted_s"
  | "decode_steps"
  | "busy_slots_per_step"
  | "drafts"
  | "draft_tokens"
  | "accepted_tokens"
  | "accept_length"
  | "scheduler_idle_s";

/** What one kind of server has. */
export type CounterTable = Readonly<Partial<Record<CounterKey, CounterName>>>;

/** One address with counters. */
export interface CounterPath {
  readonly path: string;
  /** `iterations`: a JSON list of the engine's steps since it was read last: reading empties it. */
  readonly format: "prometheus" | "iterations";
}

/** Where and how a server tells its counters. */
export interface MetricsPlace {
  /** Below the server's root; empty where it has none. The first one is missed where it does not answer. */
  readonly paths: readonly CounterPath[];
  readonly table: CounterTable;
  /** What to do where it answers nothing. */
  readonly hint: string;
}

const counter = (...names: string[]): CounterName => ({ kind: "counter", names });
const gauge = (...names: string[]): CounterName => ({ kind: "gauge", names });
const histogram = (...names: string[]): CounterName => ({ kind: "histogram", names });

const VLLM: CounterTable = {
  running: gauge("vllm:num_requests_running"),
  waiting: gauge("vllm:num_requests_waiting"),
  kv_usage: gauge("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
  prompt_tokens: counter("vllm:prompt_tokens_total"),
  output_tokens: counter("vllm:generation_tokens_total"),
  cache_queries: counter("vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"),
  cache_hits: counter("vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total"),
  preemptions: counter("vllm:num_preemptions_total"),
  requests: counter("vllm:request_success_total"),
  queue_s: histogram("vllm:request_queue_time_seconds"),
  prefill_s: histogram("vllm:request_prefill_time_seconds"),
  decode_s: histogram("vllm:request_decode_time_seconds"),
  ttft_s: histogram("vllm:time_to_first_token_seconds"),
  itl_s: histogram("vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"),
  e2e_s: histogram("vllm:e2e_request_latency_seconds"),
  drafts: counter("vllm:spec_decode_num_drafts_total"),
  draft_tokens: counter("vllm:spec_decode_num_draft_tokens_total"),
  accepted_tokens: counter("vllm:spec_decode_num_accepted_tokens_total"),
};

const SGLANG: CounterTable = {
  running: gauge("sglang:num_running_reqs"),
  waiting: gauge("sglang:num_queue_reqs"),
  kv_usage: gauge("sglang:token_usage"),
  prompt_tokens: counter("sglang:prompt_tokens_total"),
  output_tokens: counter("sglang:generation_tokens_total"),
  cache_hits: counter("sglang:cached_tokens_total"),
  cache_hit_rate: gauge("sglang:cache_hit_rate"),
  preemptions: counter("sglang:num_retracted_reqs_total", "sglang:num_retracted_reqs"),
  requests: counter("sglang:num_requests_total"),
  queue_s: histogram("sglang:queue_time_seconds"),
  ttft_s: histogram("sglang:time_to_first_token_seconds"),
  itl_s: histogram("sglang:inter_token_latency_seconds"),
  e2e_s: histogram("sglang:e2e_request_latency_seconds"),
  accept_length: gauge("sglang:spec_accept_length"),
  scheduler_idle_s: counter("sglang:scheduler_idle_seconds_total"),
};

const TRTLLM: CounterTable = {
  requests: counter("trtllm_request_success_total", "trtllm:request_success_total"),
  queue_s: histogram("trtllm_request_queue_time_seconds", "trtllm:request_queue_time_seconds"),
  ttft_s: histogram("trtllm_time_to_first_token_seconds", "trtllm:time_to_first_token_seconds"),
  e2e_s: histogram("trtllm_e2e_request_latency_seconds", "trtllm:e2e_request_latency_seconds"),
};

const LLAMA_SERVER: CounterTable = {
  running: gauge("llamacpp:requests_processing"),
  waiting: gauge("llamacpp:requests_deferred"),
  prompt_tokens: counter("llamacpp:prompt_tokens_total"),
  output_tokens: counter("llamacpp:tokens_predicted_total"),
  prompt_s: counter("llamacpp:prompt_seconds_total"),
  predicted_s: counter("llamacpp:tokens_predicted_seconds_total"),
  decode_steps: counter("llamacpp:n_decode_total"),
  busy_slots_per_step: gauge("llamacpp:n_busy_slots_per_decode"),
  draft_tokens: counter("llamacpp:spec_decode_draft_tokens_total"),
  accepted_tokens: counter("llamacpp:spec_decode_accepted_tokens_total"),
};

const TGI: CounterTable = {
  running: gauge("tgi_batch_current_size"),
  waiting: gauge("tgi_queue_size"),
  output_tokens: { kind: "counter", names: ["tgi_request_generated_tokens_sum"] },
  prompt_tokens: { kind: "counter", names: ["tgi_request_input_length_sum"] },
  requests: counter("tgi_request_success"),
  queue_s: histogram("tgi_request_queue_duration"),
  e2e_s: histogram("tgi_request_duration"),
};

const METRICS: readonly CounterPath[] = [{ path: "/metrics", format: "prometheus" }];

const NO_METRICS: MetricsPlace = { paths: [], table: {}, hint: "" };

const PLACES: Readonly<Record<ServerKind, MetricsPlace>> = {
  "vllm": { paths: METRICS, table: VLLM, hint: "" },
  "sglang": { paths: METRICS, table: SGLANG, hint: optionNeeded("--enable-metrics") },
  "trtllm": {
    // The counters are there with `return_perf_metrics` only.
    paths: [{ path: "/metrics", format: "iterations" }, {
      path: "/prometheus/metrics",
      format: "prometheus",
    }],
    table: TRTLLM,
    hint: "",
  },
  "llama-server": { paths: METRICS, table: LLAMA_SERVER, hint: optionNeeded("--metrics") },
  "tgi": { paths: METRICS, table: TGI, hint: "" },
  // LMDeploy takes vLLM's names below a prefix of its own.
  "lmdeploy": {
    paths: METRICS,
    table: renamed(VLLM, "vllm:", "lmdeploy:"),
    hint: optionNeeded("--enable-metrics"),
  },
  "ollama": NO_METRICS,
  "nim": {
    paths: [{ path: "/v1/metrics", format: "prometheus" }],
    table: united(VLLM, SGLANG, TRTLLM),
    hint: "",
  },
  // Whatever it is: all names, each has its server's prefix.
  "other": { paths: METRICS, table: united(VLLM, SGLANG, LLAMA_SERVER, TGI), hint: "" },
};

/** Where a kind of server tells its counters; a kind that is none of ours is treated as `other`. */
export function metricsPlace(kind: string): MetricsPlace {
  return PLACES[serverKindOf(kind)];
}

function entriesOf(table: CounterTable): [CounterKey, CounterName][] {
  return Object.entries(table) as [CounterKey, CounterName][];
}

function renamed(table: CounterTable, from: string, to: string): CounterTable {
  return Object.fromEntries(
    entriesOf(table).map(([key, { kind, names }]) => [
      key,
      { kind, names: names.map((name) => name.replace(from, to)) },
    ]),
  );
}

function united(...tables: readonly CounterTable[]): CounterTable {
  const all: Partial<Record<CounterKey, CounterName>> = {};
  for (const [key, { kind, names }] of tables.flatMap(entriesOf)) {
    const known = all[key];
    if (known === undefined || known.kind === kind) {
      all[key] = { kind, names: [...known?.names ?? [], ...names] };
    }
  }
  return all;
}
