import assert from "node:assert/strict";
import type { MeterMessage } from "../../lib/meter/sample.ts";
import { jitterMs, meterFigures } from "../../scripts/benchmark/meter_figures.ts";

Deno.test("jitterMs() takes the grid from the middle of the readings, and a left-out reading for none", () => {
  const times = [3, 50, 100, 150, 250, 299, 350].map((ms) => 1e15 + ms * 1e6);
  assert.deepEqual(jitterMs(times, 50), [3, 0, 0, 0, 0, 1, 0]);
});

Deno.test("meterFigures() tells CPU share, jitter and memory, and nothing where nothing was told", () => {
  const messages: MeterMessage[] = [
    { type: "self", t_ns: 1e9, cpu_s: 1, rss_bytes: 50e6 },
    { type: "power", t_ns: [1e9, 1e9 + 5], power_w: [1, 2] },
    { type: "power", t_ns: [1.05e9, 1.05e9 + 5], power_w: [1, 2] },
    { type: "self", t_ns: 11e9, cpu_s: 1.05, rss_bytes: 40e6 },
  ];
  const values = meterFigures(messages, 50).map(({ value }) => value);
  assert.ok(Math.abs((values[0] ?? NaN) - 0.5) < 1e-9);
  assert.deepEqual(values.slice(1), [0, 50]);
  assert.deepEqual(meterFigures([], 50).map(({ value }) => value), [null, null, null]);
});
