import { largest } from "../../base/numbers.ts";
import type { BoardSet } from "./pool.ts";

/** A board as far as it decides who its neighbours are. */
export interface PlacedBoard {
  readonly key: string;
  /** Its number on this machine, which follows the PCI addresses. */
  readonly index: number;
  /** Its way from the root of the PCI tree; null where that is not known. */
  readonly path: readonly string[] | null;
}

/**
 * The sets that a run with so many boards may get: aligned ones, so that pairs lie within quads and nothing is left in pieces.
 * Boards behind one switch are next to each other; where nothing tells, those of neighbouring numbers are. Boards that are left
 * over when all are divided belong to no set of that size.
 */
export function boardSets(boards: readonly PlacedBoard[]): (count: number) => readonly BoardSet[] {
  const order = inOrderOfNearness(boards);
  const known = new Map<number, readonly BoardSet[]>();
  return (count) => {
    const sets = known.get(count) ?? divide(order, count);
    known.set(count, sets);
    return sets;
  };
}

function divide(order: BoardSet, count: number): BoardSet[] {
  if (count < 1) return [[]];
  return Array.from(
    { length: Math.floor(order.length / count) },
    (_, at) => order.slice(at * count, (at + 1) * count),
  );
}

/** Joins the two nearest of equal groups, and so on: each group becomes a stretch of the order. */
function inOrderOfNearness(boards: readonly PlacedBoard[]): BoardSet {
  const distance = distanceOf(boards);
  let groups: readonly Group[] = boards.map((board) => [board]);
  /** Those that are left over come last, larger ones first, where they break no other. */
  let rest: Group = [];
  while (groups.length > 1) {
    const joined: Group[] = [];
    while (groups.length > 1) {
      const [one, other] = nearestTwo(groups, distance);
      joined.push([...one, ...other]);
      groups = groups.filter((group) => group !== one && group !== other);
    }
    rest = [...groups.flat(), ...rest];
    groups = joined.sort(byNumber);
  }
  return [...groups.flat(), ...rest].map(({ key }) => key);
}

type Group = readonly PlacedBoard[];
type Distance = (one: PlacedBoard, other: PlacedBoard) => number;

function nearestTwo(groups: readonly Group[], distance: Distance): readonly [Group, Group] {
  const between = (one: Group, other: Group): number =>
    largest(one.flatMap((board) => other.map((next) => distance(board, next))), 0);
  const pairs = groups.flatMap((one, at) =>
    groups.slice(at + 1).map((other) => ({ pair: [one, other] as const, apart: between(one, other) }))
  );
  const [first, ...others] = pairs;
  if (first === undefined) throw new Error("Cannot join groups of boards: there are fewer than two");
  return others.reduce((best, pair) => pair.apart < best.apart ? pair : best, first).pair;
}

function byNumber([one]: Group, [other]: Group): number {
  return (one?.index ?? 0) - (other?.index ?? 0);
}

/** Bridges between two boards first, then how far up a tree of pairs of numbers they meet. */
function distanceOf(boards: readonly PlacedBoard[]): Distance {
  const knowsPaths = boards.every(({ path }) => path !== null);
  return (one, other) => {
    const numbers = 32 - Math.clz32(one.index ^ other.index);
    return knowsPaths ? 64 * bridges(one.path ?? [], other.path ?? []) + numbers : numbers;
  };
}

function bridges(one: readonly string[], other: readonly string[]): number {
  const apart = one.findIndex((part, at) => part !== other[at]);
  return apart < 0 ? 0 : Math.max(one.length, other.length) - apart;
}
