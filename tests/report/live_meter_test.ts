import { gpuDevice } from "../support/meter_devices.ts";
import assert from "node:assert/strict";
import { type MeterDevice, NO_STATE } from "../../lib/meter/meter.ts";
import type { MeterMessage } from "../../lib/meter/sample.ts";
import { palette } from "../../lib/report/color.ts";
import { LiveMeter } from "../../lib/report/metered/live_meter.ts";

const PLAIN = palette(false, undefined);

function deviceOf(change: Partial<MeterDevice> = {}): MeterDevice {
  return gpuDevice({ uuid: "GPU-0123456789abcdef", name: "Board", ...change });
}

const power = (second: number, ...power_w: (number | null)[]): MeterMessage => ({
  type: "power",
  t_ns: power_w.map(() => second * 1e9),
  power_w,
});

const counter = (second: number, energy_j: number | null, device = 0): MeterMessage => ({
  type: "counter",
  device,
  t_ns: second * 1e9,
  edge: null,
  energy_j,
  throttle_ns: null,
});

/** The cells of the devices' lines. */
function rows(live: LiveMeter): string[][] {
  return live.text(PLAIN).trimEnd().split("\n").slice(1).map((line) => line.trim().split(/ {2,}/));
}

Deno.test("what is not known yet is a dash, not 0", () => {
  const live = new LiveMeter([deviceOf()]);
  assert.deepEqual(rows(live), [["Board GPU-01234567", "-", "-", "0", "-", "-", "-", "-", "-"]]);
  live.take({ type: "state", device: 0, t_ns: 1, ...NO_STATE });
  live.take(power(1, null));
  live.take(counter(1, null));
  assert.deepEqual(rows(live)[0]?.slice(1), ["-", "-", "0", "-", "-", "-", "-", "-"]);
});

Deno.test("power is that of the last second, joules those of the counter since the first reading", () => {
  const live = new LiveMeter([deviceOf()]);
  for (let second = 0; second <= 10; second += 0.5) live.take(power(second, second < 8 ? 100 : 300));
  live.take(counter(0, 5000));
  live.take(counter(10, 6400));
  live.take({
    type: "state",
    device: 0,
    t_ns: 10e9,
    ...NO_STATE,
    temperature_c: 61,
    sm_clock_mhz: 1980,
    memory_used_bytes: 2 ** 30,
    utilization_pct: 99,
    power_limit_w: 700,
  });
  assert.deepEqual(rows(live)[0], [
    "Board GPU-01234567",
    "300",
    "1400",
    "10",
    "61",
    "1980",
    "1",
    "99",
    "700",
  ]);
});

Deno.test("a device with power alone is integrated, one with a counter alone has the watts of its last step", () => {
  const live = new LiveMeter([
    deviceOf({ counter: false, power: "average_1s" }),
    deviceOf({ uuid: "package-0", name: "CPU", power: null }),
  ]);
  for (let second = 0; second <= 4; second++) live.take(power(second, 50, null));
  for (const [second, joules] of [[0, 7], [2, 47], [4, 167]] as const) live.take(counter(second, joules, 1));
  const [board, cpu] = rows(live);
  assert.deepEqual(board?.slice(0, 4), ["Board GPU-01234567 (1 s average)", "50", "200", "4"]);
  assert.deepEqual(cpu?.slice(0, 4), ["CPU package-0", "60", "160", "4"]);
});

Deno.test("the last trouble stands below the table, and what is said of unknown devices is dropped", () => {
  const live = new LiveMeter([deviceOf()]);
  const before = live.text(PLAIN);
  live.take(counter(1, 5, 9));
  live.take({ type: "self", t_ns: 1, cpu_s: 1, rss_bytes: 1 });
  assert.equal(live.text(PLAIN), before);
  for (const text of ["first", "second\x1b[2J"]) {
    live.take({ type: "trouble", t_ns: 1, code: "read", device: null, text, remedy: null });
  }
  assert.equal(live.text(PLAIN), `${before}second?[2J\n`);
});
