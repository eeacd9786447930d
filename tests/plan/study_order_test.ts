import assert from "node:assert/strict";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { configHash } from "../../lib/experiment/identity.ts";
import { sharedServer } from "../../lib/experiment/own_server.ts";
import type { Run } from "../../lib/experiment/run.ts";
import { orderRuns } from "../../lib/plan/cycle_order.ts";
import { serverStarts } from "../../lib/plan/server_starts.ts";
import { inStudyOrder } from "../../lib/plan/study_order.ts";
import { CYCLE_ORDERS, type CycleOrder } from "../../lib/study/execution.ts";
import { configOf } from "../support/plans.ts";

const configs = [4, 2, 1, 10, 7].map((p) => configOf({ params: { p } }));

/** Loads of two servers that are shared, and one of a server of its own, as a study gives them. */
function served(): ExperimentConfig[] {
  const part = (name: string, lifetime = "group") => ({ argv: [name, "{port}"], lifetime });
  const points = [["a", 1], ["a", 2], ["a", 3], ["own", 1], ["b", 1], ["b", 2], ["own", 2]] as const;
  return points.map(([name, concurrency]) =>
    configOf({
      backend: "openai",
      openai: { server: part(name, name === "own" ? "run" : "group"), load: { concurrency } },
    })
  );
}

/** How the points of `served` are called: server and load. */
function nameOf({ openai }: ExperimentConfig): string {
  return `${openai?.server?.argv[0]?.slice(0, 1)}${openai?.load.concurrency}`;
}

function servedRuns(order: CycleOrder, count: number, seed: number): Run[] {
  return orderRuns(served(), { order, count, seed }, sharedServer).map(({ item, cycle }, index) => ({
    index: index + 1,
    config_hash: configHash(item),
    cycle,
    config: item,
    gap_before: null,
  }));
}

Deno.test("runs that share a server stay together in a cycle, groups and loads in the cycle's order", () => {
  const orders = {
    sequential: "a1 a2 a3 a1 a2 a3 o1 o1 b1 b2 b1 b2 o2 o2",
    interleaved: "a1 a2 a3 o1 b1 b2 o2 a1 a2 a3 o1 b1 b2 o2",
    reverse: "a1 a2 a3 o1 b1 b2 o2 o2 b2 b1 o1 a3 a2 a1",
    latin_square: "a1 a2 a3 o1 o2 b1 b2 o1 b2 b1 a2 a3 a1 o2",
    shuffled: "a2 a1 a3 o1 o2 b1 b2 o2 a2 a3 a1 b1 b2 o1",
  };
  for (const order of CYCLE_ORDERS) {
    const runs = servedRuns(order, 2, 5);
    assert.equal(runs.map(({ config }) => nameOf(config)).join(" "), orders[order], order);
    // Two groups and two servers of their own, in two cycles.
    assert.deepEqual(serverStarts(runs), { starts: 8, runs: 14 }, order);
    assert.deepEqual(
      inStudyOrder({ runs, cycle_order: order, seed: 5 }).map(({ config }) => nameOf(config)),
      served().map(nameOf),
      order,
    );
  }
});

for (const order of CYCLE_ORDERS) {
  Deno.test(`inStudyOrder() undoes the order ${order}, whatever its seed`, () => {
    for (const seed of [0, 1, 2, 77]) {
      for (const count of [1, 3]) {
        const runs = orderRuns(configs, { order, count, seed }).map(({ item, cycle }, index) => ({
          index: index + 1,
          config_hash: configHash(item),
          cycle,
          config: item,
          gap_before: null,
        }));
        const found = inStudyOrder({ runs, cycle_order: order, seed });
        assert.deepEqual(found.map(({ config }) => config.params["p"]), [4, 2, 1, 10, 7]);
      }
    }
  });
}
