import type { CycleOrder } from "../study/execution.ts";
import { latinSquareRow } from "./latin_square.ts";
import { mersenneTwister } from "../base/mersenne_twister.ts";
import { shuffled } from "./shuffle.ts";

/** One place of the run order: which experiment, and its how-manieth run. */
export interface Place<Item> {
  readonly item: Item;
  /** 1-based. */
  readonly cycle: number;
}

/** How a study's experiments are repeated. */
export interface Cycles {
  readonly order: CycleOrder;
  readonly count: number;
  /** Used by a shuffled order only. */
  readonly seed: number;
}

/** Puts experiments into the order in which they run, every cycle holding each of them once. */
export function orderRuns<Item>(items: readonly Item[], cycles: Cycles): Place<Item>[] {
  if (cycles.order === "sequential") return repeatEach(items, cycles.count);
  const arrange = arrangements<Item>(cycles.seed)[cycles.order];
  return cycleNumbers(cycles.count).flatMap((cycle) =>
    arrange(items, cycle).map((item) => ({ item, cycle }))
  );
}

/** True where an order has cycles one after the other, so that moving to the next one is a boundary. */
export function hasCycleBoundaries(order: CycleOrder): boolean {
  return order !== "sequential";
}

/** How one cycle arranges the experiments. An order that needs no more than this is one line here. */
type Arrange<Item> = (items: readonly Item[], cycle: number) => readonly Item[];

function arrangements<Item>(seed: number): Record<Exclude<CycleOrder, "sequential">, Arrange<Item>> {
  // One stream for all cycles: each cycle is another shuffle of the same list.
  const random = mersenneTwister(seed);
  return {
    interleaved: (items) => items,
    shuffled: (items) => shuffled(items, random),
    reverse: (items, cycle) => cycle % 2 === 1 ? items : [...items].reverse(),
    latin_square: latinSquareRow,
  };
}

function repeatEach<Item>(items: readonly Item[], count: number): Place<Item>[] {
  return items.flatMap((item) => cycleNumbers(count).map((cycle) => ({ item, cycle })));
}

function cycleNumbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
