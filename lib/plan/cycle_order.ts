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

/**
 * Puts experiments into the order in which they run, every cycle holding each of them once. Those of which `groupOf` says the
 * same stay together in a cycle: the groups are put in order, and the experiments within each. Null is a group of its own.
 */
export function orderRuns<Item>(
  items: readonly Item[],
  cycles: Cycles,
  groupOf: (item: Item) => string | null = () => null,
): Place<Item>[] {
  return orderGroups(groupsOf(items, groupOf), cycles);
}

/** The same of groups, in the order of the study. */
export function orderGroups<Item>(groups: readonly (readonly Item[])[], cycles: Cycles): Place<Item>[] {
  if (cycles.order === "sequential") return repeatEach(groups, cycles.count);
  const arrange = arrangements(cycles.seed)[cycles.order];
  return cycleNumbers(cycles.count).flatMap((cycle) =>
    arrange(groups, cycle).flatMap((group) => arrange(group, cycle).map((item) => ({ item, cycle })))
  );
}

/** Items in groups, each where its first item stands. */
export function groupsOf<Item>(items: readonly Item[], groupOf: (item: Item) => string | null): Item[][] {
  const groups = new Map<string | Item, Item[]>();
  for (const item of items) {
    const key = groupOf(item) ?? item;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** True where an order has cycles one after the other, so that moving to the next one is a boundary. */
export function hasCycleBoundaries(order: CycleOrder): boolean {
  return order !== "sequential";
}

/** How one cycle arranges the experiments. An order that needs no more than this is one line here. */
type Arrange = <Item>(items: readonly Item[], cycle: number) => readonly Item[];

function arrangements(seed: number): Record<Exclude<CycleOrder, "sequential">, Arrange> {
  // One stream for all cycles: each cycle is another shuffle of the same list.
  const random = mersenneTwister(seed);
  return {
    interleaved: (items) => items,
    shuffled: (items) => shuffled(items, random),
    reverse: (items, cycle) => cycle % 2 === 1 ? items : [...items].reverse(),
    latin_square: latinSquareRow,
  };
}

function repeatEach<Item>(groups: readonly (readonly Item[])[], count: number): Place<Item>[] {
  return groups.flatMap((group) =>
    cycleNumbers(count).flatMap((cycle) => group.map((item) => ({ item, cycle })))
  );
}

function cycleNumbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
