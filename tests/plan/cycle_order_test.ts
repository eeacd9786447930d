import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { orderRuns } from "../../lib/plan/cycle_order.ts";
import { gapBetween } from "../../lib/plan/gaps.ts";
import { mersenneTwister } from "../../lib/base/mersenne_twister.ts";
import { shuffled } from "../../lib/plan/shuffle.ts";
import { CYCLE_ORDERS, type CycleOrder } from "../../lib/study/execution.ts";

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
  for (const order of CYCLE_ORDERS) {
    const locations = orderRuns(items, { order, count: 5, seed: 3 });
    for (let cycle = 1; cycle <= 5; cycle++) {
      const held = locations.filter((location) => location.cycle === cycle).map(({ item }) => item);
      deepStrictEqual(held.sort((one, other) => one - other), items, `${order}, cycle ${cycle}`);
    }
  }
});

Deno.test("orderRuns() changes nothing about a single cycle but a shuffle", () => {
  strictEqual(orderText("sequential", ["a", "b", "c"], 1, 1), "a b c");
  strictEqual(orderText("interleaved", ["a", "b", "c"], 1, 1), "a b c");
});

Deno.test("orderRuns() turns every second cycle round in reverse order", () => {
  strictEqual(orderText("reverse", ["a", "b", "c"], 3, 0), "a b c | c b a | a b c");
});

Deno.test("orderRuns() gives every experiment the same mean position over two reverse cycles", () => {
  for (const size of [1, 2, 5, 8]) {
    const positions = positionSums("reverse", size, 4);
    deepStrictEqual(positions, Array(size).fill(2 * (size - 1)), `${size} experiments`);
  }
});

Deno.test("orderRuns() starts a latin square with the zigzag of Williams", () => {
  strictEqual(
    orderText("latin_square", [0, 1, 2, 3], 5, 0),
    "0 1 3 2 | 1 2 0 3 | 2 3 1 0 | 3 0 2 1 | 0 1 3 2",
  );
  strictEqual(orderText("latin_square", [0, 1, 2], 4, 0), "0 1 2 | 1 2 0 | 2 0 1 | 2 1 0");
  strictEqual(orderText("latin_square", [0, 1], 3, 0), "0 1 | 1 0 | 0 1");
});

Deno.test("orderRuns() puts each experiment at each position once in a latin square", () => {
  for (let size = 1; size <= 9; size++) {
    for (const round of [0, 1, 2]) {
      const cycles = cyclesOf("latin_square", size, 3 * size).slice(round * size, (round + 1) * size);
      for (let position = 0; position < size; position++) {
        const held = cycles.map((cycle) => cycle[position] ?? NaN);
        deepStrictEqual(held.sort((one, other) => one - other), numbers(size), `${size} at ${position}`);
      }
    }
  }
});

Deno.test("orderRuns() has each experiment follow each other one equally often in a latin square", () => {
  for (let size = 2; size <= 9; size++) {
    const isEven = size % 2 === 0;
    const counts = new Map<string, number>();
    for (const cycle of cyclesOf("latin_square", size, isEven ? size : 2 * size)) {
      for (let at = 1; at < size; at++) {
        const pair = `${cycle[at - 1]} ${cycle[at]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    strictEqual(counts.size, size * (size - 1), `${size} experiments`);
    deepStrictEqual(new Set(counts.values()), new Set([isEven ? 1 : 2]), `${size} experiments`);
  }
});

Deno.test("gapBetween() puts the cycle gap where a reverse or latin square cycle begins", () => {
  const gaps = { experiment_s: 1, cycle_s: 2 };
  for (const order of ["reverse", "latin_square", "interleaved", "shuffled"] as const) {
    strictEqual(gapBetween({ cycle: 1 }, { cycle: 2 }, { order, gaps }), "cycle", order);
    strictEqual(gapBetween({ cycle: 1 }, { cycle: 1 }, { order, gaps }), "experiment", order);
  }
  strictEqual(gapBetween({ cycle: 1 }, { cycle: 2 }, { order: "sequential", gaps }), "experiment");
});

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The experiments of each cycle, by their numbers. */
function cyclesOf(order: CycleOrder, size: number, count: number): number[][] {
  const locations = orderRuns(numbers(size), { order, count, seed: 0 });
  return numbers(count).map((index) =>
    locations.slice(index * size, (index + 1) * size).map(({ item }) => item)
  );
}

/** The sum of the positions that each experiment has over the cycles. */
function positionSums(order: CycleOrder, size: number, count: number): number[] {
  const cycles = cyclesOf(order, size, count);
  return numbers(size).map((item) => cycles.reduce((sum, cycle) => sum + cycle.indexOf(item), 0));
}

/** Items in run order, cycles parted by bars. */
function orderText(order: CycleOrder, items: readonly unknown[], count: number, seed: number): string {
  const locations = orderRuns(items, { order, count, seed });
  const cycles = Array.from(
    { length: count },
    (_, index) => locations.filter(({ cycle }) => cycle === index + 1),
  );
  return cycles.map((cycle) => cycle.map(({ item }) => item).join(" ")).join(" | ");
}
