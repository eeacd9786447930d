import assert from "node:assert/strict";
import { planJson, planRecord, planText } from "../../lib/report/plan_text.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { configOf, planOf } from "../support/plans.ts";

const configs = [configOf({ params: { batch: 1 } }), configOf({ params: { batch: 2 } })];
const hashes = planOf(configs).runs.map((run) => run.config_hash);

Deno.test("planText() gives the count, what varies and what is left out", () => {
  const plan = planOf(configs, {
    n_cycles: 2,
    gap: "experiment",
    gaps: { experiment_s: 60, cycle_s: 300 },
    study_design_hash: "0123456789abcdef",
    skipped: [{ reason: "breaks\na rule", label: "pytorch, fp16", config: {} }],
  });
  assert.equal(
    planText(plan),
    [
      "2 experiments x 2 cycles = 4 runs, 1 point skipped",
      "time: at least 3m 00s (gaps), at most 43m 00s by the time limits of runs; gaps 3m 00s to let the GPUs cool " +
      "(--no-gaps skips them)",
      "backend command; model none; order sequential; design 0123456789abcdef",
      "",
      "run  cycle  params.batch",
      "  1      1             1",
      "  2      2             1",
      "  3      1             2",
      "  4      2             2",
      "",
      "1 point skipped:",
      "  pytorch, fp16: breaks / a rule",
      "",
    ].join("\n"),
  );
});

Deno.test("planText() says the seed of a shuffled order and that there are no gaps", () => {
  const plan = planOf(configs, {
    cycle_order: "shuffled",
    seed: 42,
    execution: { experiment_timeout_seconds: 30 },
  });
  const [head, time, shared] = planText(plan).split("\n");
  assert.equal(head, "2 experiments x 1 cycle = 2 runs");
  assert.equal(
    time,
    "time: unknown before a first run, at most 1m 00s by the time limits of runs; no gaps",
  );
  assert.match(shared ?? "", /order shuffled \(seed 42\)/);
});

Deno.test("planText() counts retries, and the study's own limit where that is shorter", () => {
  const limits = { experiment_timeout_seconds: 30, retries: 2 };
  const timeOf = (execution: JsonObject): string =>
    planText(planOf(configs, { execution })).split("\n")[1] ?? "";
  assert.match(timeOf(limits), /at most 3m 00s by the time limits of runs and retries;/);
  assert.match(
    timeOf({ ...limits, study_timeout_seconds: 100 }),
    /at most 1m 40s by the study's time limit;/,
  );
  assert.match(
    timeOf({ ...limits, study_timeout_seconds: 1000 }),
    /at most 3m 00s by the time limits of runs/,
  );
});

Deno.test("planText() estimates from earlier studies, else from windows that are asked for by time", () => {
  const two = [1, 2].map((batch) => configOf({ params: { batch }, measure: { min_seconds: 30 } }));
  const [one = "", other = ""] = planOf(two).runs.map(({ config_hash }) => config_hash);
  const given = { execution: { experiment_gap_seconds: 5 }, gaps: { experiment_s: 5, cycle_s: 0 } };
  const timeOf = (run_s: readonly (readonly [hash: string, seconds: number])[], studies = 1): string =>
    planText(planOf(two, { gap: "experiment", ...given }), { run_s: new Map(run_s), studies })
      .split("\n")[1] ?? "";
  assert.match(
    timeOf([], 0),
    /^time: at least 1m 05s \(measured windows \+ gaps\), at most 21m 05s .*; gaps 5s$/,
  );
  assert.match(timeOf([[one, 40]]), /^time: at least 1m 15s \(earlier runs \+ measured windows \+ gaps\),/);
  assert.match(timeOf([[one, 40], [other, 50]]), /^time: about 1m 35s \(from an earlier study\),/);
  assert.match(
    planText(planOf(two), undefined, 60).split("\n")[1] ?? "",
    /^time: at least 2m 00s \(measured windows \+ idle power\),/,
  );
  assert.match(timeOf([[one, 40], [other, 50]], 3), /^time: about 1m 35s \(from 3 earlier studies\),/);
});

Deno.test("planText() shows backend and model in the table where they vary", () => {
  const text = planText(planOf([configOf({ model: "a" }), configOf({ model: "b", backend: "llamacpp" })]));
  const lines = text.split("\n");
  assert.match(lines[2] ?? "", /^order sequential; design /);
  assert.match(lines[4] ?? "", /^run +cycle +model +backend/);
});

Deno.test("planText() tells a reason once, with the points that it leaves out", () => {
  const skipped = Array.from({ length: 9 }, (_, index) => ({
    reason: index === 8 ? "another" : "shared",
    label: `pytorch, fp${index % 5}`,
    config: {},
  }));
  const text = planText(planOf(configs, { skipped }));
  assert.ok(
    text.endsWith(
      "\n9 points skipped:\n  8 points (pytorch, fp0; pytorch, fp1; pytorch, fp2; ...): shared\n  pytorch, fp3: another\n",
    ),
    text,
  );
});

Deno.test("planText() stays short whatever is left out", () => {
  const skipped = Array.from(
    { length: 5000 },
    (_, index) => ({ reason: `r${index}`, label: "l", config: {} }),
  );
  const lines = planText(planOf(configs, { skipped })).split("\n");
  assert.ok(lines.length < 70, String(lines.length));
  assert.ok(lines.includes("  ... and 4950 more reasons"));
});

Deno.test("planText() counts what it does not list", () => {
  const many = planOf(Array.from({ length: 250 }, (_, index) => configOf({ n: index + 1 })));
  const lines = planText(many).split("\n");
  assert.equal(lines.filter((line) => /^ *\d+ +1 +\d+$/.test(line)).length, 200);
  assert.ok(lines.includes("... and 50 more runs"));
});

Deno.test("planText() lets no control character through", () => {
  const plan = planOf([
    configOf({ model: "a\x1b[31m", params: { "k\x07y": "v\x1b" } }),
    configOf({ model: "b\nb", params: { "k\x07y": "w" } }),
  ], { skipped: [{ reason: "\x1b[2J", label: "\x07", config: {} }] });
  assert.doesNotMatch(planText(plan).replaceAll("\n", ""), /\p{Cc}/u);
});

Deno.test("planRecord() has the fields of the contract and complete configurations", () => {
  const skipped = [{ reason: "r", label: "l", config: { n: 1 } }];
  const plan = planOf(configs, { skipped, study_design_hash: "0123456789abcdef", seed: 7 });
  const warning = { file: "s.yaml", line: 1, column: 2, path: "n", message: "m", hint: null };
  const record = JSON.parse(JSON.stringify(planRecord(plan, [warning])));
  assert.deepEqual(record, {
    study: {
      name: "test",
      study_design_hash: "0123456789abcdef",
      n_experiments: 2,
      n_cycles: 1,
      n_runs: 2,
      cycle_order: "sequential",
      seed: 7,
      gaps: { experiment_s: 0, cycle_s: 0 },
      estimate: { kind: "unknown" },
    },
    runs: configs.map((config, index) => ({
      index: index + 1,
      config_hash: hashes[index],
      cycle: 1,
      backend: "command",
      model: "none",
      gap_before: null,
      config,
    })),
    experiments: [1, 2].map((batch, index) => ({
      config_hash: hashes[index],
      varied: { "params.batch": batch },
    })),
    skipped,
    warnings: ["s.yaml:1:2 n: m"],
  });
});

Deno.test("planJson() gives the record in pieces, whatever its length", () => {
  for (const count of [0, 1, 1000, 2001]) {
    const one = planOf(configs.slice(0, 1), { seed: 7 });
    const [run] = one.runs;
    const runs = run === undefined
      ? []
      : Array.from({ length: count }, (_, at) => ({ ...run, index: at + 1 }));
    const plan = { ...one, runs };
    const pieces = [...planJson(plan, [])];
    assert.equal(pieces.join(""), JSON.stringify(planRecord(plan, [])), String(count));
    assert.equal(pieces.length, 2 + Math.ceil(count / 1000));
  }
});
