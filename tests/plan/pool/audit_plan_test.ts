import assert from "node:assert/strict";
import { type AuditArm, auditArms, type AuditGround } from "../../../lib/plan/pool/audit_plan.ts";
import { chainsOf } from "../../../lib/plan/pool/chains.ts";
import type { BoardSet } from "../../../lib/plan/pool/pool.ts";
import { configOf, planOf } from "../../support/plans.ts";

const SETTINGS = { experiments: 2, pairs: 6, tolerance: 0.01 };
const SIZES = [16, 512, 64, 128];
const PLAN = planOf(
  SIZES.map((output_len) => configOf({ dataset: { n: 4, input_len: 8, output_len } })),
  { n_cycles: 3 },
);

function ground(boards: number, { demand = 1, seed = 7, exclusive = false } = {}): AuditGround {
  const all = Array.from({ length: boards }, (_, place) => `b${place}`);
  const sets = (count: number): BoardSet[] =>
    Array.from(
      { length: Math.floor(boards / count) },
      (_, place) => all.slice(place * count, (place + 1) * count),
    );
  return { chains: chainsOf(PLAN.runs, () => ({ boards: demand, exclusive }), []), sets, seed };
}

const sizeOf = ({ run }: AuditArm): unknown => (run.config.dataset as { output_len?: number }).output_len;

Deno.test("auditArms() takes a large and a small experiment, each as often alone as beside, on the same boards", () => {
  const arms = auditArms(ground(4), SETTINGS);
  assert.equal(arms.length, 2 * 2 * 6);
  assert.deepEqual(new Set(arms.map(sizeOf)), new Set([512, 16]));
  for (const size of [512, 16]) {
    for (const arm of ["alone", "beside"]) {
      const own = arms.filter((one) => one.arm === arm && sizeOf(one) === size);
      assert.deepEqual(own.map(({ pair }) => pair), [1, 2, 3, 4, 5, 6]);
      assert.equal(new Set(own.map(({ boards }) => boards.join())).size, 1);
    }
  }
});

Deno.test("auditArms(): beside a run every other board is busy, and alone none is", () => {
  for (const [boards, demand] of [[4, 1], [8, 2], [8, 4], [5, 2]] as const) {
    for (const { arm, companions, boards: own } of auditArms(ground(boards, { demand }), SETTINGS)) {
      const busy = [...own, ...companions.flatMap((one) => one.boards)];
      assert.equal(new Set(busy).size, busy.length, "no board twice");
      const most = Math.floor(boards / demand) * demand;
      assert.equal(busy.length, arm === "alone" ? demand : most);
    }
  }
});

Deno.test("auditArms() draws its orders by the seed", () => {
  const orderOf = (seed: number): string =>
    auditArms(ground(4, { seed }), SETTINGS).map(({ arm }) => arm[0]).join("");
  assert.equal(orderOf(7), orderOf(7));
  const orders = Array.from({ length: 200 }, (_, seed) => orderOf(seed));
  assert.ok(new Set(orders).size > 190);
  const first = orders.filter((order) => order.startsWith("a")).length;
  assert.ok(first > 70 && first < 130, `alone comes first in ${first} of 200`);
});

Deno.test("auditArms() of one experiment takes the large one, and of more than there are all", () => {
  assert.deepEqual(
    new Set(auditArms(ground(4), { ...SETTINGS, experiments: 1 }).map(sizeOf)),
    new Set([512]),
  );
  assert.equal(new Set(auditArms(ground(4), { ...SETTINGS, experiments: 9 }).map(sizeOf)).size, 4);
});

Deno.test("auditArms() is empty where nothing runs beside anything", () => {
  assert.deepEqual(auditArms(ground(1), SETTINGS), []);
  assert.deepEqual(auditArms(ground(4, { demand: 4 }), SETTINGS), []);
  assert.deepEqual(auditArms(ground(4, { exclusive: true }), SETTINGS), []);
});
