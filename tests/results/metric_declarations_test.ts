import assert from "node:assert/strict";
import { changeOf } from "../../lib/report/compare/messages.ts";
import {
  METRIC_DECLARATIONS,
  metricDeclaration,
  metricHeading,
  metricPhrase,
} from "../../lib/results/metric_declarations.ts";

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

/** Written out once more: by a wrong one `llem compare` calls worse what is better. */
const BETTER: Readonly<Record<string, readonly string[]>> = {
  more: [
    "output_tokens_per_s",
    "total_tokens_per_s",
    "requests_per_s",
    "goodput_per_s",
    "slo_share",
    "prefill_tokens_per_s",
    "decode_tokens_per_s",
  ],
  less: [
    "energy_j",
    "j_per_output_token",
    "j_per_total_token",
    "j_per_good_request",
    "wh_per_1000_requests",
    "failed_requests",
    ...["ttft", "ttft_sched", "tpot", "itl", "e2e"].flatMap((name) => [`${name}_ms`, `${name}_p99_ms`]),
  ],
  // Facts and differences, which a comparison must not judge; a mean power is low where a run is slow.
  null: [
    "window_s",
    "input_tokens",
    "output_tokens",
    "energy_uncertainty_j",
    "avg_power_w",
    "energy_adjusted_j",
    "baseline_power_w",
    "net_j_per_output_token",
    "idle_share",
    "passes",
    "graphs_reused",
    "import_s",
    "load_s",
    "prompts_cut",
  ],
};

Deno.test("every metric is better in the direction that it should be, and has a unit and a sentence", () => {
  const found = Object.fromEntries(METRIC_DECLARATIONS.map(({ name, better }) => [name, String(better)]));
  const expected = Object.entries(BETTER).flatMap(([better, names]) => names.map((name) => [name, better]));
  assert.deepEqual(found, Object.fromEntries(expected));
  for (const { name, unit, definition } of METRIC_DECLARATIONS) {
    const ending = /_(ms|s|w|j)$/.exec(name)?.[1];
    const ofName: Readonly<Record<string, string>> = { ms: "ms", s: "s", w: "W", j: "J" };
    if (ending !== undefined && !name.endsWith("_per_s")) assert.equal(unit, ofName[ending], name);
    assert.match(definition, /\.$/, name);
  }
  assert.equal(metricDeclaration("score"), null);
});
