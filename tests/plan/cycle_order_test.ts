import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { orderRuns } from "../../lib/plan/cycle_order.ts";
import { mersenneTwister } from "../../lib/plan/mersenne_twister.ts";
import { shuffled } from "../../lib/plan/shuffle.ts";
import type { CycleOrder } from "../../lib/study/execution.ts";

/** What Python 3 gives for `random.Random(seed)`: three times `getrandbits(32)`, and two shuffles of 1..5 anew. */
const PYTHON: readonly (readonly [seed: number, words: readonly number[], shuffles: string])[] = [
  [0, [3626764237, 1654615998, 3255389356], "3 2 1 5 4 | 1 3 2 4 5"],
  [1, [577090037, 2444712010, 3639700191], "3 4 5 1 2 | 1 3 2 5 4"],
  [42, [2746317213, 478163327, 107420369], "4 2 3 5 1 | 4 3 1 5 2"],
  [999, [3355859300, 2915466388, 343879192], "3 5 2 4 1 | 2 4 5 1 3"],
  [-7, [1390851128, 4071050724, 647892279], "5 1 4 2 3 | 3 4 2 5 1"],
  [4163094029, [2951122165, 1967514056, 838887963], "5 1 3 2 4 | 5 4 3 2 1"],
  [2 ** 32, [485306839, 1508871100, 1794561286], "4 5 2 3 1 | 5 2 4 3 1"],
  [2 ** 32 + 5, [675479763, 2085189291, 1213270837], "3 1 5 4 2 | 1 4 5 2 3"],
  [2 ** 53 - 1, [404802386, 2407860725, 957238923], "4 3 5 2 1 | 3 2 4 5 1"],
];

for (const [seed, words, shuffles] of PYTHON) {
  Deno.test(`mersenneTwister() draws as Python does from seed ${seed}`, () => {
    const random = mersenneTwister(seed);
    deepStrictEqual([random(), random(), random()], words);
  });
  Deno.test(`orderRuns() shuffles as Python does with seed ${seed}`, () => {
    strictEqual(orderText("shuffled", [1, 2, 3, 4, 5], 2, seed), shuffles);
  });
}

Deno.test("mersenneTwister() goes on as Python does past its first 624 words", () => {
  const random = mersenneTwister(1);
  const words = Array.from({ length: 1000 }, () => random());
  strictEqual(words.at(-1), 1877627338);
});

Deno.test("shuffled() puts a thousand items where Python puts them", () => {
  const items = shuffled(Array.from({ length: 1000 }, (_, index) => index), mersenneTwister(12345));
  deepStrictEqual(items.slice(0, 8), [669, 944, 291, 633, 922, 752, 781, 258]);
  strictEqual(items.reduce((sum, item, index) => sum + item * index, 0), 244455654);
});

Deno.test("orderRuns() runs every cycle of an experiment before the next one in sequential order", () => {
  deepStrictEqual(orderRuns(["a", "b"], { order: "sequential", count: 3, seed: 0 }), [
    { item: "a", cycle: 1 },
    { item: "a", cycle: 2 },
    { item: "a", cycle: 3 },
    { item: "b", cycle: 1 },
    { item: "b", cycle: 2 },
    { item: "b", cycle: 3 },
  ]);
});

Deno.test("orderRuns() goes round in interleaved order", () => {
  strictEqual(orderText("interleaved", ["a", "b"], 3, 0), "a b | a b | a b");
});

Deno.test("orderRuns() holds every experiment once in every cycle, whatever the order", () => {
  const items = Array.from({ length: 17 }, (_, index) => index);
  for (const order of ["sequential", "interleaved", "shuffled"] as const) {
    const places = orderRuns(items, { order, count: 5, seed: 3 });
    for (let cycle = 1; cycle <= 5; cycle++) {
      const held = places.filter((place) => place.cycle === cycle).map(({ item }) => item);
      deepStrictEqual(held.sort((one, other) => one - other), items, `${order}, cycle ${cycle}`);
    }
  }
});

Deno.test("orderRuns() changes nothing about a single cycle but a shuffle", () => {
  strictEqual(orderText("sequential", ["a", "b", "c"], 1, 1), "a b c");
  strictEqual(orderText("interleaved", ["a", "b", "c"], 1, 1), "a b c");
});

/** Items in run order, cycles parted by bars. */
function orderText(order: CycleOrder, items: readonly unknown[], count: number, seed: number): string {
  const places = orderRuns(items, { order, count, seed });
  const cycles = Array.from(
    { length: count },
    (_, index) => places.filter(({ cycle }) => cycle === index + 1),
  );
  return cycles.map((cycle) => cycle.map(({ item }) => item).join(" ")).join(" | ");
}
