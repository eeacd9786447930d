import assert from "node:assert/strict";
import { PowerCurve } from "../../lib/meter/power_curve.ts";

const near = (found: number | null, expected: number, what = ""): void => {
  assert.ok(
    found !== null && Math.abs(found - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    `${what}: ${found} is not ${expected}`,
  );
};

function curveOf(
  readings: readonly (readonly [seconds: number, watts: number])[],
  most?: number,
): PowerCurve {
  const curve = new PowerCurve(most);
  for (const [t, w] of readings) curve.add(t * 1e9, w);
  return curve;
}

Deno.test("PowerCurve integrates constant, ramp, step and square between exact edges", () => {
  const cases: readonly (readonly [string, PowerCurve, number, number, number])[] = [
    ["constant", curveOf([[0, 5], [10, 5]]), 2.5, 7.25, 23.75],
    ["ramp", curveOf([[0, 0], [10, 100]]), 2, 4, 60],
    ["step", curveOf([[0, 10], [5, 10], [5.001, 50], [10, 50]]), 0, 10, 300.02 - 0.04],
    ["held before and after", curveOf([[1, 10], [2, 20]]), 0, 3, 10 + 15 + 20],
    ["one reading", curveOf([[1, 10]]), 0, 3, 30],
    ["no time", curveOf([[1, 10]]), 2, 2, 0],
  ];
  for (const [what, curve, begin, end, joules] of cases) {
    near(curve.energyJ(begin * 1e9, end * 1e9), joules, what);
  }
  const square = curveOf(Array.from({ length: 1001 }, (_, i) => [i / 100, i % 2 === 0 ? 0 : 100]));
  near(square.energyJ(0, 10e9), 500, "square");
});

Deno.test("PowerCurve has no joules where there is no reading or time runs backwards", () => {
  assert.equal(new PowerCurve().energyJ(0, 1), null);
  assert.equal(new PowerCurve().squareW2s(0, 1), null);
  assert.equal(curveOf([[1, 1]]).energyJ(2, 1), null);
});

Deno.test("PowerCurve keeps energy, number of readings and gaps where knots are dropped", () => {
  const all = new PowerCurve();
  const few = new PowerCurve(64);
  for (let i = 0; i < 5000; i++) {
    if (i > 1000 && i < 1040) continue;
    const w = 100 + 50 * Math.sin(i / 7);
    for (const curve of [all, few]) curve.add(i * 5e7, w);
  }
  const end = 4999 * 5e7;
  assert.ok([...few.knots(0, end)].length <= 64);
  near(few.energyJ(0, end), all.energyJ(0, end) ?? NaN);
  assert.equal(few.samplesIn(0, end), all.samplesIn(0, end));
  assert.equal(all.longestGapNs(0, end), 40 * 5e7);
  assert.equal(few.longestGapNs(0, end), 40 * 5e7);
});

Deno.test("PowerCurve counts what lies before the first and after the last reading of a stretch as gaps", () => {
  const curve = curveOf([[1, 1], [2, 1], [2.5, 1]]);
  const cases: readonly (readonly [number, number, number])[] = [
    [1, 2.5, 1],
    [2, 2.5, 0.5],
    [1.2, 1.5, 0.3],
    [0, 2, 1],
    [1.5, 5, 2.5],
    [8, 9, 1],
  ];
  for (const [begin, end, gap] of cases) {
    near(curve.longestGapNs(begin * 1e9, end * 1e9) / 1e9, gap, `${begin}`);
  }
  assert.equal(new PowerCurve().longestGapNs(0, 7), 7);
  assert.deepEqual([curve.samplesIn(1e9, 2.5e9), curve.samplesIn(1.1e9, 2.4e9), curve.samplesIn(0, 0.5e9)], [
    3,
    1,
    0,
  ]);
});

Deno.test("PowerCurve gives the integral of the square", () => {
  near(curveOf([[0, 3], [4, 3]]).squareW2s(1e9, 3e9), 18);
  near(curveOf([[0, 0], [3, 3]]).squareW2s(0, 3e9), 9);
});

Deno.test("PowerCurve forgets what is old and keeps the energy of the rest", () => {
  const curve = curveOf(Array.from({ length: 101 }, (_, i) => [i, i]));
  const before = curve.energyJ(50.5e9, 90e9);
  curve.forgetBefore(50.5e9);
  assert.equal(curve.firstNs, 50e9);
  near(curve.energyJ(50.5e9, 90e9), before ?? NaN);
  assert.equal(curve.samplesIn(51e9, 60e9), 10);
  assert.equal(curve.longestGapNs(50.5e9, 60e9), 1e9);
});

Deno.test("PowerCurve drops readings that are not later", () => {
  const curve = curveOf([[1, 1], [1, 9], [0.5, 9], [2, 1]]);
  assert.equal(curve.samples, 2);
  near(curve.energyJ(1e9, 2e9), 1);
});
