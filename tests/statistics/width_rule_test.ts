import assert from "node:assert/strict";
import { claimedWidth, lookAtWidth, mayStop } from "../../lib/statistics/width_rule.ts";
import { logInterval } from "../../lib/statistics/log_interval.ts";
import { Random } from "../support/random.ts";
import { logNormal, near } from "./worked.ts";

Deno.test("lookAtWidth() needs six values, and a half width of at most the target", () => {
  const values = [100, 101, 99, 100.5, 99.5, 100.2];
  const five = lookAtWidth(values.slice(0, 5), 0.02);
  assert.deepEqual([five.n, five.met], [5, false]);
  assert.ok((five.half_width ?? 1) < 0.02, "narrow enough, and too few");
  const six = lookAtWidth(values, 0.02);
  assert.equal(six.met, true);
  near(six.half_width, logInterval(values)?.relative ?? NaN);
  assert.equal(lookAtWidth(values, 0.005).met, false);
  assert.deepEqual(lookAtWidth([], 0.02), { n: 0, half_width: null, met: false });
  assert.deepEqual(lookAtWidth([5, 5, 5, 5, 5, 5], 0.02), { n: 6, half_width: 0, met: true });
  assert.equal(lookAtWidth([5, 5, 5, 5, 5, 0], 0.02).half_width, null);
  assert.equal(lookAtWidth(values.slice(0, 3), 0.5, 3).met, true, "another fewest");
});

Deno.test("mayStop() wants two looks in a row, and claimedWidth() no less than the target", () => {
  const looks: readonly (readonly [readonly boolean[], boolean])[] = [
    [[], false],
    [[true], false],
    [[true, true], true],
    [[true, false, true], false],
    [[false, true, true], true],
    [[true, true, false], false],
  ];
  for (const [met, stop] of looks) assert.equal(mayStop(met), stop, String(met));
  assert.equal(claimedWidth({ half_width: 0.01 }, 0.02), 0.02);
  assert.equal(claimedWidth({ half_width: 0.03 }, 0.02), 0.03);
  assert.equal(claimedWidth({ half_width: null }, 0.02), null);
});

/** Draws of the rule: how often what it claims holds the truth, and after how many values it stops. */
function stopping(deviation: number, target: number, draws: number): { coverage: number; mean_n: number } {
  const random = new Random(2024);
  let [held, total] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const all = logNormal(random, deviation, 60);
    const looks: boolean[] = [];
    let n = 6;
    while (looks.push(lookAtWidth(all.slice(0, n), target).met), !mayStop(looks) && n < all.length) n += 1;
    const values = all.slice(0, n);
    const claim = claimedWidth(lookAtWidth(values, target), target) ?? NaN;
    if (Math.abs(Math.log(logInterval(values)?.mean ?? NaN)) <= Math.log1p(claim)) held += 1;
    total += n;
  }
  return { coverage: held / draws, mean_n: total / draws };
}

Deno.test("the rule stops by width without losing what the interval promises", () => {
  const equal = stopping(0.02, 0.02, 800);
  const twice = stopping(0.02, 0.01, 800);
  assert.ok(Math.abs(equal.mean_n - 8.2) < 0.3, `${equal.mean_n} values where the target is the variation`);
  assert.ok(Math.abs(twice.mean_n - 18.4) < 0.8, `${twice.mean_n} values where it is half of it`);
  // Two standard errors of 800 draws below the 94.7 % of the reference.
  for (const { coverage } of [equal, twice]) assert.ok(coverage > 0.93, `${coverage}`);
});
