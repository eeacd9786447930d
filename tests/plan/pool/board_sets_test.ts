import { deepStrictEqual } from "node:assert/strict";
import { boardSets, type PlacedBoard } from "../../../lib/plan/pool/board_sets.ts";

const numbered = (...indices: readonly number[]): PlacedBoard[] =>
  indices.map((index) => ({ key: String(index), index, path: null }));
const setsOf = (boards: readonly PlacedBoard[], count: number): string[] =>
  boardSets(boards)(count).map((set) => set.join(""));

Deno.test("boardSets() divides boards into aligned sets, pairs within quads", () => {
  const eight = numbered(0, 1, 2, 3, 4, 5, 6, 7);
  deepStrictEqual(setsOf(eight, 1), ["0", "1", "2", "3", "4", "5", "6", "7"]);
  deepStrictEqual(setsOf(eight, 2), ["01", "23", "45", "67"]);
  deepStrictEqual(setsOf(eight, 4), ["0123", "4567"]);
  deepStrictEqual(setsOf(eight, 8), ["01234567"]);
  deepStrictEqual(setsOf(eight, 9), []);
});

Deno.test("boardSets() gives every aligned set of boards that do not divide", () => {
  deepStrictEqual(setsOf(numbered(0, 1, 2, 3, 4, 5, 6), 2), ["01", "23", "45"]);
  deepStrictEqual(setsOf(numbered(0, 1, 2, 3, 4, 5), 4), ["0123"]);
  deepStrictEqual(setsOf(numbered(0, 1, 2, 3, 4, 5, 6, 7), 3), ["012", "345"]);
  // Of some of a machine's boards those that are neighbours on it.
  deepStrictEqual(setsOf(numbered(1, 2, 3), 2), ["23"]);
  deepStrictEqual(setsOf(numbered(1, 2, 3, 4, 5), 2), ["23", "45"]);
  deepStrictEqual(setsOf([], 1), []);
});

Deno.test("boardSets() takes boards behind one switch together", () => {
  const behind = [["a", "x"], ["a", "y"], ["b", "x"], ["a", "x"], ["b", "x"], ["a", "y"]];
  const boards = behind.map(([root = "", at = ""], index): PlacedBoard => ({
    key: String(index),
    index,
    path: [root, at, `device${index}`],
  }));
  deepStrictEqual(setsOf(boards, 2), ["03", "15", "24"]);
  deepStrictEqual(setsOf(boards, 4), ["0315"]);
});
