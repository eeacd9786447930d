/** The server's own counters, in the words of the two servers whose names most clients know. */
export interface Counters {
  readonly running: number;
  readonly waiting: number;
  readonly prompt_tokens: number;
  readonly generation_tokens: number;
  readonly requests: number;
  readonly cache_usage: number;
  readonly cache_queries: number;
  readonly cache_hits: number;
  readonly prompt_seconds: number;
  readonly generation_seconds: number;
  readonly ttft_seconds: number;
  readonly ttft_count: number;
  readonly queue_seconds: number;
  readonly queue_count: number;
}

/** Prometheus text. */
export function metricsText(counters: Counters, model: string): string {
  const label = `{model_name="${model.replace(/[^\x20-\x7e]|["\\]/g, "_")}"}`;
  const lines: string[] = [];
  const write = (
    name: string,
    type: string,
    values: readonly (readonly [suffix: string, value: number])[],
  ) => {
    lines.push(`# TYPE ${name} ${type}`);
    for (const [suffix, value] of values) lines.push(`${name}${suffix} ${value}`);
  };
  const gauge = (name: string, value: number, labels = label) => write(name, "gauge", [[labels, value]]);
  const counter = (name: string, value: number, labels = label) => write(name, "counter", [[labels, value]]);
  const sums = (name: string, sum: number, count: number) =>
    write(name, "histogram", [
      [`_bucket${label.replace("}", ',le="+Inf"}')}`, count],
      [`_sum${label}`, sum],
      [`_count${label}`, count],
    ]);
  gauge("vllm:num_requests_running", counters.running);
  gauge("vllm:num_requests_waiting", counters.waiting);
  gauge("vllm:kv_cache_usage_perc", counters.cache_usage);
  counter("vllm:prompt_tokens_total", counters.prompt_tokens);
  counter("vllm:generation_tokens_total", counters.generation_tokens);
  counter("vllm:prefix_cache_queries_total", counters.cache_queries);
  counter("vllm:prefix_cache_hits_total", counters.cache_hits);
  counter("vllm:num_preemptions_total", 0);
  counter("vllm:request_success_total", counters.requests);
  sums("vllm:time_to_first_token_seconds", counters.ttft_seconds, counters.ttft_count);
  sums("vllm:request_queue_time_seconds", counters.queue_seconds, counters.queue_count);
  gauge("llamacpp:requests_processing", counters.running, "");
  gauge("llamacpp:requests_deferred", counters.waiting, "");
  counter("llamacpp:prompt_tokens_total", counters.prompt_tokens - counters.cache_hits, "");
  counter("llamacpp:prompt_seconds_total", counters.prompt_seconds, "");
  counter("llamacpp:tokens_predicted_total", counters.generation_tokens, "");
  counter("llamacpp:tokens_predicted_seconds_total", counters.generation_seconds, "");
  return `${lines.join("\n")}\n`;
}
