import assert from "node:assert/strict";
import { executionDifferences, planDifferences } from "../../lib/plan/plan_differences.ts";
import { configOf, planOf } from "../support/plans.ts";

const [one, two, three] = [configOf({ n: 1 }), configOf({ n: 2 }), configOf({ n: 3 })];
const hashOf = (config: typeof one): string => planOf([config]).runs[0]?.config_hash ?? "";

Deno.test("planDifferences() finds none where the same experiments run in the same cycles", () => {
  const plan = planOf([one, two], { n_cycles: 2 });
  const cases = [
    planOf([one, two], { n_cycles: 2 }),
    planOf([two, one], { n_cycles: 2 }),
    planOf([one, two], { n_cycles: 2, name: "renamed", seed: 5, gaps: { experiment_s: 9, cycle_s: 9 } }),
    planOf([one, two], { n_cycles: 2, execution: { retries: 5 } }),
  ];
  for (const now of cases) assert.deepEqual(planDifferences(plan, now), []);
});

Deno.test("planDifferences() names what is new, what is gone and a changed number of cycles", () => {
  const before = planOf([one, two], { n_cycles: 2 });
  // Nothing like it was there before.
  const other = configOf({ n: 7, params: { text: "a", index: 1, more: true } });
  const now = planOf([one, other], { n_cycles: 4 });
  const [cycles = "", fresh = "", gone = "", ...rest] = planDifferences(before, now);
  assert.deepEqual(rest, []);
  assert.equal(cycles, "n_cycles was 2, is 4");
  assert.ok(fresh.startsWith(`experiment ${hashOf(other)} is new: {`));
  assert.ok(gone.startsWith(`experiment ${hashOf(two)} is gone: {`));
});

Deno.test("planDifferences() names the setting of an experiment that was changed, each by its nearest one", () => {
  const before = planOf([
    configOf({ n: 1, params: { a: 1 } }),
    configOf({ n: 50, params: { a: 2, b: { c: [1] } } }),
  ]);
  const [first, second] = [
    configOf({ n: 1, params: { a: 5 } }),
    configOf({ n: 50, params: { a: 2, b: { c: [2] } } }),
  ];
  const [old1 = "", old2 = ""] = before.runs.map((run) => run.config_hash);
  assert.deepEqual(planDifferences(before, planOf([second, first])), [
    `experiment ${old2} is now ${hashOf(second)}: params.b.c was [1], is [2]`,
    `experiment ${old1} is now ${hashOf(first)}: params.a was 1, is 5`,
  ]);
  assert.deepEqual(planDifferences(planOf([two]), planOf([three])), [
    `experiment ${hashOf(two)} is now ${hashOf(three)}: n was 2, is 3`,
  ]);
  const [longer, otherwise] = ["x", "y"].map((end) => configOf({ params: { text: "x".repeat(500) + end } }));
  assert.ok(longer !== undefined && otherwise !== undefined);
  assert.equal(planDifferences(planOf([longer]), planOf([otherwise])).length, 1);
});

Deno.test("planDifferences() knows experiments of an earlier llem, whose hashes go by how a path is spelt", () => {
  const spelt = ["./m.gguf", "m.gguf", "a/../m.gguf"].map((model) =>
    configOf({ model, backend: "llamacpp", command: null, params: {} })
  );
  const fresh = planOf(spelt.slice(1, 2));
  const stored = planOf(spelt);
  const old = {
    ...stored,
    runs: stored.runs.map((run, at) => ({ ...run, config_hash: `${at}`.repeat(16) })),
  };
  assert.deepEqual(planDifferences(old, fresh), []);
  assert.deepEqual(planDifferences({ ...old, runs: old.runs.slice(0, 1) }, fresh), []);
  assert.equal(planDifferences(old, planOf([configOf({ n: 3 })])).length, 4);
});

Deno.test("executionDifferences() names settings that are not the same, and not what planDifferences() tells", () => {
  const before = planOf([one], { execution: { retries: 1, devices: ["0"] } });
  const now = planOf([one], { n_cycles: 2, execution: { retries: 2, devices: [], grace_seconds: 2 } });
  assert.deepEqual(executionDifferences(before, now), [
    "execution.retries stays 1, not 2",
    'execution.devices stays ["0"], not []',
  ]);
  assert.deepEqual(executionDifferences(before, before), []);
  const slo = { ttft_ms: 5, tpot_ms: null, itl_ms: null, e2e_ms: null, share: 0.9 };
  // What results are judged by is no setting that is kept: it changes with the file.
  assert.deepEqual(executionDifferences(before, { ...before, slo }), []);
});

Deno.test("planDifferences() names ten differences and counts the rest, each of bounded length", () => {
  const many = Array.from(
    { length: 30 },
    (_, index) => configOf({ params: { text: "x".repeat(1000), index } }),
  );
  const lines = planDifferences(planOf([]), planOf(many));
  assert.equal(lines.length, 11);
  assert.equal(lines.at(-1), "and 20 more");
  for (const line of lines) assert.ok(line.length < 300);
});

Deno.test("executionDifferences() names the runner of a backend that is used, and no other", () => {
  const plan = (runners: Record<string, string>) => planOf([one], { runners });
  assert.deepEqual(executionDifferences(plan({ command: "docker" }), plan({})), [
    "runners.command stays docker, not local",
  ]);
  assert.deepEqual(executionDifferences(plan({ pytorch: "docker" }), plan({ command: "local" })), []);
});

Deno.test("a study that repeats until it is known is another one than one of so many cycles; its limits are no difference", () => {
  const open = (execution: Readonly<Record<string, number>> = {}): ReturnType<typeof planOf> =>
    planOf([one], { execution: { until: { score: "2%" }, ...execution } });
  assert.deepEqual(planDifferences(planOf([one]), open()), [
    "the study had execution.n_cycles and has execution.until now",
  ]);
  assert.deepEqual(planDifferences(open(), planOf([one])), [
    "the study had execution.until and has execution.n_cycles now",
  ]);
  const changed = open({ min_cycles: 7, max_cycles: 40, time_budget_seconds: 60 });
  assert.deepEqual(planDifferences(open(), changed), []);
  // The last two are taken.
  assert.deepEqual(executionDifferences(open(), changed), ["execution.min_cycles stays 6, not 7"]);
});
