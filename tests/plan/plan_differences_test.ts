import assert from "node:assert/strict";
import { planDifferences } from "../../lib/plan/plan_differences.ts";
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
  const now = planOf([one, three], { n_cycles: 4 });
  const [cycles = "", fresh = "", gone = "", ...rest] = planDifferences(before, now);
  assert.deepEqual(rest, []);
  assert.equal(cycles, "n_cycles was 2, is 4");
  assert.ok(fresh.startsWith(`experiment ${hashOf(three)} is new: {`));
  assert.ok(gone.startsWith(`experiment ${hashOf(two)} is gone: {`));
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
