import assert from "node:assert/strict";
import { othersRuns, ownRuns, readShard, shardProblem, shardRuns } from "../../lib/plan/shard.ts";
import { runKey } from "../../lib/experiment/run.ts";
import { configOf, planOf } from "../support/plans.ts";

const CONFIGS = [1, 2, 3].map((batch) => configOf({ params: { batch }, model: batch === 3 ? "b" : "a" }));
const PLAN = planOf(CONFIGS, { n_cycles: 5 });
const PAIRED = planOf(CONFIGS, { n_cycles: 2, execution: { pair_by: ["model"] } });

Deno.test("readShard() takes i/n with 1 <= i <= n", () => {
  assert.deepEqual(readShard("2/3"), { index: 2, of: 3 });
  assert.deepEqual(readShard(" 1/1 "), { index: 1, of: 1 });
  for (const text of ["0/3", "4/3", "1", "1/0", "1/3/5", "-1/3", "a/b", "1.5/3", ""]) {
    assert.equal(readShard(text), null, text);
  }
});

Deno.test("shardRuns() gives every run to one shard, and whole cycles", () => {
  for (const count of [1, 2, 3, 5]) {
    const shards = Array.from(
      { length: count },
      (_, place) => shardRuns(PLAN, { index: place + 1, of: count }),
    );
    assert.deepEqual(
      shards.flat().map(({ index }) => index).sort((a, b) => a - b),
      PLAN.runs.map(({ index }) => index),
    );
    for (const shard of shards) {
      assert.deepEqual(shard, shard.toSorted((a, b) => a.index - b.index), "in plan order");
      for (const runs of Map.groupBy(shard, ({ cycle }) => cycle).values()) assert.equal(runs.length, 3);
    }
    const sizes = shards.map(({ length }) => length);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 3);
  }
});

Deno.test("shardRuns() keeps together what pair_by pairs, and can part a cycle by it", () => {
  const shards = [1, 2, 3, 4].map((index) => shardRuns(PAIRED, { index, of: 4 }));
  assert.deepEqual(shards.map((runs) => runs.map(({ cycle, config }) => `${cycle}${config.model}`)), [
    ["1a", "1a"],
    ["1b"],
    ["2a", "2a"],
    ["2b"],
  ]);
});

Deno.test("ownRuns() and othersRuns() part a plan; without a shard all is its own", () => {
  const plan = { ...PLAN, shard: { index: 2, of: 2 } };
  assert.deepEqual(ownRuns(PLAN), PLAN.runs);
  assert.equal(othersRuns(PLAN).size, 0);
  assert.equal(ownRuns(plan).length + othersRuns(plan).size, PLAN.runs.length);
  assert.ok(ownRuns(plan).every((run) => !othersRuns(plan).has(runKey(run))));
});

Deno.test("shardProblem() refuses more shards than parts, and studies that grow by their results", () => {
  assert.equal(shardProblem(PLAN, { index: 1, of: 5 }), null);
  assert.match(
    shardProblem(PLAN, { index: 1, of: 6 }) ?? "",
    /5 parts .* so 6 shards are too many\. Use 5 or fewer/,
  );
  const until = planOf(CONFIGS, { execution: { until: { j_per_output_token: 0.02 } } });
  assert.match(shardProblem(until, { index: 1, of: 2 }) ?? "", /does not go with execution\.until/);
});
