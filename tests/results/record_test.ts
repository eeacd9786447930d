import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import { configHash } from "../../lib/experiment/identity.ts";
import { NO_INPUTS } from "../../lib/experiment/inputs.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import type { Measurement } from "../../lib/experiment/outcome.ts";
import { makeRecord } from "../../lib/results/record.ts";
import { recordFile } from "../../lib/results/record_file.ts";
import type { Phase } from "../../lib/results/phases.ts";
import { measuredRun } from "../support/recordings.ts";
import { configOf } from "../support/plans.ts";
import { CRASHED, factsOf, measurementOf, recordOf, samplesOf } from "../support/records.ts";

const second = 1_000_000_000n;
const window = (seconds: number, name = "measure"): Phase[] => [{
  name,
  begin_ns: 5n * second,
  end_ns: (5n + BigInt(seconds)) * second,
}];

Deno.test("makeRecord() has every field that DESIGN promises, null where unknown", () => {
  const record = recordOf();
  assert.deepEqual(Object.keys(record).sort(), [
    "config",
    "energy",
    "energy_reason",
    "environment_changes",
    "host",
    "inputs",
    "latency",
    "llem_version",
    "load",
    "log_tail",
    "measurement",
    "outcome",
    "phases",
    "run",
    "runner",
    "schema",
    "study",
    "throughput",
    "timing",
    "varied",
    "warnings",
    "window",
    "worker",
  ]);
  assert.equal(record.schema, "llem.result/1");
  assert.equal(record.llem_version, LLEM_VERSION);
  for (
    const name of [
      "study",
      "host",
      "window",
      "worker",
      "measurement",
      "latency",
      "throughput",
      "energy",
    ] as const
  ) {
    assert.equal(record[name], null, name);
  }
  assert.equal(record.energy_reason, "no meter here");
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
});

Deno.test("makeRecord() keeps what the runner saw as it is", () => {
  const facts = factsOf({
    outcome: CRASHED,
    worker: { backend: "b", versions: { v: "1" }, devices: ["d"], pid: 7 },
    measurement: measurementOf({ output_tokens: 3, metrics: { own: 1 }, other: [1] }),
    warnings: [{ code: "c", text: "t" }],
    log_tail: ["one", "two\u0000"],
  });
  const record = makeRecord(facts);
  const kept = [
    "run",
    "outcome",
    "worker",
    "measurement",
    "timing",
    "warnings",
    "log_tail",
  ] as const;
  for (const name of kept) assert.deepEqual(record[name], facts[name], name);
});

Deno.test("makeRecord() gives throughput over the measure windows, null for each part that is not known", () => {
  const counts = (input: number | null, output: number | null, requests: number | null): Measurement =>
    measurementOf({ input_tokens: input, output_tokens: output, requests });
  const rates = (output: number | null, total: number | null, requests: number | null, window_s: number) => ({
    output_tokens_per_s: output,
    total_tokens_per_s: total,
    requests_per_s: requests,
    window_s,
  });
  const cases: readonly (readonly [measurement: Measurement | null, phases: Phase[], expected: unknown])[] = [
    [null, window(2), null],
    [counts(30, 20, 2), [], null],
    [counts(30, 20, 2), window(2, "decode"), null],
    [counts(30, 20, 2), window(0), null],
    [counts(30, 20, 2), [{ name: "measure", begin_ns: 1n, end_ns: null }], null],
    [counts(30, 20, 2), window(2), rates(10, 25, 1, 2)],
    [counts(0, 0, 0), window(2), rates(0, 0, 0, 2)],
    [counts(null, 20, null), window(2), rates(10, null, null, 2)],
    [counts(30, null, 2), window(2), rates(null, null, 1, 2)],
    [counts(null, null, null), window(4), rates(null, null, null, 4)],
    [counts(30, 20, 2), [...window(2), ...window(4)], rates(5, 12.5, 0.5, 4)],
  ];
  for (const [measurement, phases, expected] of cases) {
    assert.deepEqual(recordOf({ measurement, phases }).throughput, expected);
  }
});

Deno.test("makeRecord() gives latency by what was sampled, null where nothing was", () => {
  assert.equal(recordOf().latency, null);
  const { latency } = recordOf({ samples: samplesOf({ ttft_ms: [5, 7] }) });
  assert.equal(latency?.ttft_ms?.median, 6);
  assert.equal(latency?.ttft_ms?.n, 2);
  assert.equal(latency?.itl_ms, null);
  assert.equal(latency?.e2e_ms, null);
  assert.equal(recordOf({ samples: samplesOf({ itl_ms: [0] }) }).latency?.itl_ms?.mean, 0);
  assert.equal(recordOf({ samples: samplesOf({ e2e_ms: [1] }) }).latency?.e2e_ms?.max, 1);
});

Deno.test("makeRecord() writes nanoseconds as numbers where exact, else as text", () => {
  const large = 2n ** 53n;
  const phases: Phase[] = [
    { name: "load", begin_ns: 0n, end_ns: 1_500_000_000n },
    { name: "measure", begin_ns: large - 1n, end_ns: large },
    { name: "close", begin_ns: large + 1n, end_ns: null },
  ];
  assert.deepEqual(recordOf({ phases }).phases, [
    { name: "load", begin_ns: 0, end_ns: 1_500_000_000, duration_s: 1.5 },
    { name: "measure", begin_ns: 9007199254740991, end_ns: "9007199254740992", duration_s: 1e-9 },
    { name: "close", begin_ns: "9007199254740993", end_ns: null, duration_s: null },
  ]);
});

Deno.test("makeRecord() gives energy or a reason, never both", () => {
  const { energy, energy_reason } = recordOf({ ...measuredRun() });
  assert.ok(Math.abs((energy?.headline_j ?? NaN) - 9000) < (energy?.uncertainty_j ?? NaN));
  assert.equal(energy_reason, null);
  const none = recordOf({ ...measuredRun(), phases: [] });
  assert.equal(none.energy, null);
  assert.match(none.energy_reason ?? "", /no measure phase/);
});

Deno.test("makeRecord() says whose run it is, under what load, and when by the wall clock it measured", () => {
  const study = { name: "s", id: "s_2026", study_design_hash: "d" };
  const record = recordOf({
    study,
    varied: { "params.batch": 2 },
    host: "node1",
    phases: [...window(2), { name: "measure", begin_ns: 9n * second, end_ns: 10n * second }],
    clocks: { utc_ms: Date.UTC(2026, 0, 2, 3, 4, 20), monotonic_ns: 20n * second },
  }, configOf({ dataset: { n: 3, input_len: 5, output_len: 7 } }));
  assert.deepEqual([record.study, record.varied, record.host], [study, { "params.batch": 2 }, "node1"]);
  assert.deepEqual(record.window, {
    started_at: "2026-01-02T03:04:05.000Z",
    ended_at: "2026-01-02T03:04:10.000Z",
  });
  assert.deepEqual(record.load, {
    prompts: 3,
    input_tokens: 5,
    output_tokens: 7,
    concurrency: null,
    batches: null,
  });
});

Deno.test("makeRecord() shows the configuration that the run reads, which hashes as the whole one", () => {
  const synthetic = configOf({
    backend: "llamacpp",
    model: "tiny-random",
    dataset: { n: 4 },
    llamacpp: { n_parallel: 2 },
  });
  const shown = recordOf({}, synthetic).config;
  const unread = ["vllm", "pytorch", "command", "params", "precision", "n", "max_input_tokens", "lora"];
  assert.deepEqual(unread.filter((field) => field in shown), []);
  assert.deepEqual([shown.model, shown.llamacpp?.n_parallel], ["tiny-random", 2]);
  const whole = configOf({ backend: "pytorch", model: "m", n: 7, dataset: "prompts.jsonl" });
  const read = recordOf({}, whole).config;
  assert.deepEqual([read.n, read.precision, "llamacpp" in read], [7, "bf16", false]);
  for (const config of [synthetic, whole]) {
    const again = resolveConfig(recordOf({}, config).config as unknown as JsonObject);
    assert.ok(again !== null && configHash(again) === configHash(config));
  }
});

Deno.test("makeRecord() keeps the text of a sample of the output, not its token ids", () => {
  const metrics = { passes: 2, sample_output: { token_ids: [1, 2], text: "a b" } };
  const { measurement } = recordOf({ measurement: measurementOf({ metrics }) });
  assert.deepEqual(measurement?.metrics, { passes: 2, sample_output: { text: "a b" } });
});

Deno.test("makeRecord() joins the phases of many requests, and keeps a few of them apart", () => {
  const pairs = (count: number): Phase[] =>
    Array.from({ length: count }, (_, index) => BigInt(index) * second).flatMap((ns): Phase[] => [
      { name: "prefill", begin_ns: ns, end_ns: ns + second / 4n },
      { name: "decode", begin_ns: ns + second / 4n, end_ns: ns + second },
    ]);
  const outer = { name: "measure", begin_ns: 0n, end_ns: 20n * second };
  assert.equal(recordOf({ phases: [outer, ...pairs(16)] }).phases.length, 33);
  assert.deepEqual(recordOf({ phases: [outer, ...pairs(20)] }).phases, [
    { name: "measure", begin_ns: 0, end_ns: 20e9, duration_s: 20 },
    { name: "prefill", begin_ns: 0, end_ns: 19.25e9, duration_s: 5, windows: 20 },
    { name: "decode", begin_ns: 0.25e9, end_ns: 20e9, duration_s: 15, windows: 20 },
  ]);
});

Deno.test("a record stays short, whatever the number of requests and of names of phases", () => {
  const phase = (name: string, ns: number): Phase => ({
    name,
    begin_ns: BigInt(ns),
    end_ns: BigInt(ns + 10),
  });
  const lengthOf = (phases: readonly Phase[]): number => recordFile(recordOf({ phases })).length;
  const one = lengthOf([]);
  const many = Array.from({ length: 100_000 }, (_, index) => index);
  const pairs = many.flatMap((index) => [phase("prefill", index * 20), phase("decode", index * 20 + 10)]);
  const batches = many.map((index) => phase("a batch", index));
  const windows = many.map((index) => phase("measure", index));
  const names = many.map((index) => phase(`step ${index}`, index));
  for (const phases of [pairs, batches, windows, names, [...names, ...pairs]]) {
    const longer = lengthOf(phases) - one;
    assert.ok(longer > 0 && longer < 50_000, String(longer));
  }
  const { phases } = recordOf({ phases: [...windows.slice(0, 200), ...names] });
  // Every measured window stands for itself, and names beyond a number stand together.
  assert.equal(phases.filter(({ name }) => name === "measure").length, 200);
  assert.equal(phases.at(-1)?.windows, 100_000 - 49);
  // What no line of requests.jsonl tells stands in the record.
  const apart = recordOf({ phases: pairs, phases_left: pairs.slice(-2) }).phases.map(({ apart }) => apart);
  assert.deepEqual(apart, [[{ begin_ns: 1_999_980, end_ns: 1_999_990 }], [{
    begin_ns: 1_999_990,
    end_ns: 2_000_000,
  }]]);
});

Deno.test("makeRecord() counts the prompts that were found, and none where only the worker knows", () => {
  const prompts = { path: "prompts/x.jsonl", sha256: "0", count: 3, source: "file x" };
  const hub = configOf({ backend: "pytorch", model: "m", pytorch: { batch_size: 4 } });
  const found = recordOf({ inputs: { ...NO_INPUTS, prompts } }, hub).load;
  assert.deepEqual(found, {
    prompts: 3,
    input_tokens: null,
    output_tokens: null,
    concurrency: 4,
    batches: "static",
  });
  assert.equal(recordOf({}, hub).load?.prompts, 100);
  assert.equal(recordOf().load?.prompts, null);
});
