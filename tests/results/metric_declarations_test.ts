import assert from "node:assert/strict";
import { changeOf } from "../../lib/report/compare/messages.ts";
import { METRIC_DECLARATIONS, metricHeading, metricPhrase } from "../../lib/results/metric_declarations.ts";

Deno.test("every metric has a heading and a phrase that no other one has", () => {
  for (const words of ["heading", "phrase"] as const) {
    const all = METRIC_DECLARATIONS.map((metric) => metric[words]);
    assert.deepEqual(all.filter((word, index) => all.indexOf(word) !== index), []);
  }
  assert.equal(metricHeading("ttft_p99_ms"), "TTFT p99 ms");
  assert.equal(metricHeading("ttft_sched_ms"), "scheduled TTFT p50 ms");
  assert.equal(metricHeading("own_metric"), "own_metric");
  assert.equal(metricPhrase("ttft_p99_ms"), "p99 TTFT");
  assert.equal(metricPhrase("e2e_ms"), "median latency");
  assert.equal(metricPhrase("score"), "score");
});

Deno.test("the words of a change follow from the unit, and not from the name of a worker's own metric", () => {
  const of = (metric: string): string => {
    const { verb, change } = changeOf(metric, 0.9, null);
    return `${verb} ${change}`;
  };
  assert.equal(of("j_per_output_token"), "takes 10 % less energy per output token");
  assert.equal(of("output_tokens_per_s"), "gives 10 % fewer output tokens per second");
  assert.equal(of("ttft_ms"), "has 10 % lower median TTFT");
  assert.equal(of("powerful_answers"), "has 10 % lower powerful_answers");
});
