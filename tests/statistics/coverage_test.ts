import assert from "node:assert/strict";
import { logInterval } from "../../lib/statistics/log_interval.ts";
import { Random } from "../support/random.ts";
import { logNormal } from "./worked.ts";

/** How often the interval holds the truth, for values whose logarithms have two modes 15 % apart, 30 to 70. */
function twoModes(random: Random, count: number): number[] {
  return logNormal(random, 0.01, count).map((value) => random.next() < 0.3 ? value * 0.85 : value);
}

function coverage(draw: (random: Random) => number[], truth: number, draws = 1500): number {
  const random = new Random(11);
  const held = Array.from({ length: draws }, () => logInterval(draw(random))).filter((found) =>
    found !== null && found.low <= truth && truth <= found.high
  );
  return held.length / draws;
}

Deno.test("logInterval() holds the truth as often as it says, at any spread, and not where runs have two modes", () => {
  for (const n of [3, 5, 10]) {
    for (const deviation of [0.05, 0.5]) {
      const found = coverage((random) => logNormal(random, deviation, n), 1);
      assert.ok(Math.abs(found - 0.95) < 0.018, `${n} values of ${deviation}: ${found}`);
    }
  }
  const few = coverage((random) => twoModes(random, 3), Math.exp(0.3 * Math.log(0.85)));
  assert.ok(few < 0.75, `three of two modes: ${few}, so every run is shown`);
});
