import assert from "node:assert/strict";
import { headline, HEADLINE_METRICS } from "../../lib/results/headline.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { measurementOf, recordOf, samplesOf } from "../support/records.ts";

const measured = (metrics: JsonObject): Record<string, number | null> =>
  headline(recordOf({
    measurement: measurementOf({ input_tokens: 30, output_tokens: 20, requests: 2, metrics }),
    phases: [{ name: "measure", begin_ns: 0n, end_ns: 2_000_000_000n }],
    samples: samplesOf({ ttft_ms: [1, 2, 6], tpot_ms: [8], itl_ms: [3], e2e_ms: [4] }),
  }));

Deno.test("headline() has every headline metric, null where nothing is known", () => {
  assert.deepEqual(headline(recordOf()), Object.fromEntries(HEADLINE_METRICS.map((name) => [name, null])));
});

Deno.test("headline() takes rates, medians and counts from the record", () => {
  assert.deepEqual(measured({}), {
    output_tokens_per_s: 10,
    total_tokens_per_s: 25,
    requests_per_s: 1,
    ttft_ms: 2,
    ttft_p99_ms: 5.92,
    tpot_ms: 8,
    tpot_p99_ms: 8,
    itl_ms: 3,
    itl_p99_ms: 3,
    e2e_ms: 4,
    e2e_p99_ms: 4,
    window_s: 2,
    input_tokens: 30,
    output_tokens: 20,
    energy_j: null,
    energy_uncertainty_j: null,
    j_per_output_token: null,
    j_per_total_token: null,
    avg_power_w: null,
    wh_per_1000_requests: null,
    energy_adjusted_j: null,
    baseline_power_w: null,
    failed_requests: null,
    ttft_sched_ms: null,
    ttft_sched_p99_ms: null,
    goodput_per_s: null,
    slo_share: null,
    j_per_good_request: null,
    net_j_per_output_token: null,
    idle_share: null,
  });
});

Deno.test("headline() adds a worker's own numbers, and only numbers", () => {
  const found = measured({
    score: 0.5,
    zero: 0,
    text: "x",
    flag: true,
    list: [1],
    deep: { a: 1 },
    none: null,
  });
  assert.equal(found["score"], 0.5);
  assert.equal(found["zero"], 0);
  for (const name of ["text", "flag", "list", "deep", "none"]) assert.ok(!(name in found), name);
});

Deno.test("headline() never lets a worker's number stand under a headline name", () => {
  const lies = Object.fromEntries(HEADLINE_METRICS.map((name) => [name, 999]));
  assert.deepEqual(measured(lies), measured({}));
  const nothing = headline(recordOf({ measurement: measurementOf({ metrics: lies }) }));
  for (const name of HEADLINE_METRICS) assert.equal(nothing[name], null, name);
});

Deno.test("headline() takes a bounded number of own numbers", () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`own_${index}`, index]));
  assert.equal(Object.keys(measured(many)).length, HEADLINE_METRICS.length + 100);
});

Deno.test("headline() leaves out what early workers told of their settings", () => {
  const settings = {
    n_ctx: 512,
    n_threads: 2,
    n_threads_batch: 2,
    n_batch: 512,
    n_ubatch: 512,
    n_parallel: 4,
  };
  const found = measured({ ...settings, n_ctx_seq: 128, n_gpu_layers: 0, graphs_reused: 3 });
  assert.deepEqual(Object.keys(found), [...HEADLINE_METRICS, "graphs_reused"]);
});
