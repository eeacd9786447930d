/**
 * Sweeps over every possible case take minutes. The usual run of the tests takes a sample of the cases, by a seed that
 * is printed; `scripts/test --slow` takes all of them.
 */
import type { Need } from "./needs.ts";
import { Random } from "./random.ts";

const isSlow = Deno.env.get("LLEM_TEST_SLOW") === "1";
const seed = Number(Deno.env.get("LLEM_TEST_SEED") ?? Date.now() % 2 ** 32);

/** A sample of so many cases, or all of them with --slow. See `sampleOf`. */
export function sampled<Item>(what: string, items: readonly Item[], count: number): readonly Item[] {
  if (isSlow || items.length <= count) return items;
  say(`${count} of ${items.length} ${what}`);
  return sampleOf(items, count, new Random(seed));
}

/** All pairs with --slow, else so many of the rows, each with one of the columns. See `mixedPairs`. */
export function sampledPairs<Row, Column>(
  what: string,
  rows: readonly Row[],
  columns: readonly Column[],
  count = rows.length,
): readonly (readonly [Row, Column])[] {
  if (isSlow) return rows.flatMap((row) => columns.map((column) => [row, column] as const));
  say(`${count} of ${rows.length * columns.length} ${what}`);
  const random = new Random(seed);
  return mixedPairs(sampleOf(rows, count, random), columns, random.integer(0, columns.length - 1));
}

/** For a test that takes so long that only --slow has the time. */
export const SLOW: Need = { what: "scripts/test --slow", isMet: () => isSlow };

/** A size that shows what a test is about, or the whole one with --slow. */
export function sized(whole: number, usual: number): number {
  return isSlow ? whole : usual;
}

function say(what: string): void {
  console.log(`a sample: ${what} (LLEM_TEST_SEED=${seed} takes the same, --slow all)`);
}

/** So many of the items, in their order and from all along it: one of each of so many equal stretches. */
export function sampleOf<Item>(items: readonly Item[], count: number, random: Random): readonly Item[] {
  return Array.from({ length: count }, (_, index) => {
    const [begin, end] = [index, index + 1].map((at) => Math.floor(at * items.length / count));
    return random.pick(items.slice(begin, end));
  });
}

/** Every row once, the columns in turns, so that each of them comes as often as any other. */
export function mixedPairs<Row, Column>(
  rows: readonly Row[],
  columns: readonly Column[],
  first: number,
): readonly (readonly [Row, Column])[] {
  return rows.flatMap((row, index) =>
    columns.slice((index + first) % columns.length).slice(0, 1).map((column) => [row, column] as const)
  );
}
