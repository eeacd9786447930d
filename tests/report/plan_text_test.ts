import assert from "node:assert/strict";
import { planRecord, planText } from "../../lib/report/plan_text.ts";
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
      "2 experiments x 2 cycles = 4 runs, at most 40m 00s by their time limits, gaps 3m 00s; order sequential; " +
      "design 0123456789abcdef",
      "",
      "run  cycle  backend  model  params.batch",
      "  1      1  command  none              1",
      "  2      2  command  none              1",
      "  3      1  command  none              2",
      "  4      2  command  none              2",
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
  const [head = ""] = planText(plan).split("\n");
  assert.match(
    head,
    /2 experiments x 1 cycle = 2 runs, at most 1m 00s .*, no gaps; order shuffled \(seed 42\)/,
  );
});

Deno.test("planText() counts what it does not list", () => {
  const many = planOf(Array.from({ length: 250 }, (_, index) => configOf({ n: index + 1 })));
  const lines = planText(many).split("\n");
  assert.equal(lines.filter((line) => /^ *\d+ +1 +command/.test(line)).length, 200);
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
    skipped,
    warnings: ["s.yaml:1:2 n: m"],
  });
});
