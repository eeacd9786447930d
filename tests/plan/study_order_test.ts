import assert from "node:assert/strict";
import { configHash } from "../../lib/experiment/identity.ts";
import { orderRuns } from "../../lib/plan/cycle_order.ts";
import { inStudyOrder } from "../../lib/plan/study_order.ts";
import { CYCLE_ORDERS } from "../../lib/study/execution.ts";
import { configOf } from "../support/plans.ts";

const configs = [4, 2, 1, 10, 7].map((p) => configOf({ params: { p } }));

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
