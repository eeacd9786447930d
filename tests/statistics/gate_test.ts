/** What a gate made of these statistics does over many studies: how often it raises an alarm, and how often it should. */
import assert from "node:assert/strict";
import { holm } from "../../lib/statistics/adjust.ts";
import { pooledRatio, pooledSpread } from "../../lib/statistics/pooled_ratio.ts";
import { pairedRatio, type Ratio } from "../../lib/statistics/ratio.ts";
import { Random } from "../support/random.ts";
import { logNormal, pairs } from "./worked.ts";

const ROWS = 10;
const CYCLES = 5;
const MARGIN = 0.02;

/** Rows beside a baseline of the same metric; the first of them is so many times the others. */
function study(random: Random, factor: number): number[][] {
  return Array.from(
    { length: ROWS },
    (_, row) => logNormal(random, 0.02, CYCLES).map((value) => row === 1 ? value * factor : value),
  );
}

/** By the variance of the grid where it may be shared, else by own pairs: what `llem compare` does. */
function ratiosOf(rows: readonly (readonly number[])[], pool: boolean): Ratio[] {
  const pooled = pooledSpread(rows);
  return rows.slice(1).flatMap((row) => {
    const both = pairs(rows[0] ?? [], row);
    return (pool && pooled?.allowed === true ? pooledRatio(both, pooled) : pairedRatio(both)) ?? [];
  });
}

function alarms(ratios: readonly Ratio[]): boolean[] {
  const adjusted = holm(ratios.map(({ p }) => p));
  return ratios.map(({ ratio }, index) => (adjusted[index] ?? 1) < 0.05 && ratio > 1 + MARGIN);
}

function share(draws: number, holds: (random: Random) => boolean): number {
  const random = new Random(42);
  return Array.from({ length: draws }, () => holds(random)).filter((it) => it).length / draws;
}

Deno.test("a gate of ten rows raises few alarms where nothing changed", () => {
  const any = (pool: boolean): number =>
    share(1500, (random) => alarms(ratiosOf(study(random, 1), pool)).some((it) => it));
  assert.ok(any(true) <= 0.06);
  assert.ok(any(false) <= 0.06);
});

Deno.test("a gate finds 5 % more in one of ten rows by the variance of the grid, and seldom without it", () => {
  const found = (pool: boolean): number =>
    share(1000, (random) => alarms(ratiosOf(study(random, 1.05), pool))[0] === true);
  const [pooled, own] = [found(true), found(false)];
  // 0.80 where rows are known to have one spread; 0.78 where that is tested first.
  assert.ok(pooled >= 0.74, `pooled ${pooled}`);
  assert.ok(own < 0.4, `own ${own}`);
});

Deno.test("a gate finds 10 % more in one of ten rows nearly always", () => {
  assert.ok(share(400, (random) => alarms(ratiosOf(study(random, 1.1), true))[0] === true) > 0.98);
});
