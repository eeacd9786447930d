import { deepStrictEqual } from "node:assert/strict";
import { type PowerReading, updatePeriodMs } from "../../lib/meter/update_period.ts";

/** Readings every 2 ms of a sensor that publishes a new value every `period` ms. */
function readings(period: number, length_ms: number, value: (update: number) => number): PowerReading[] {
  return Array.from({ length: length_ms / 2 }, (_, index) => ({
    t_ns: 5e15 + index * 2e6,
    power_w: value(Math.floor(index * 2 / period)),
  }));
}

Deno.test("updatePeriodMs() finds the pace at which the values change", () => {
  deepStrictEqual(updatePeriodMs(readings(100, 1200, (update) => 200 + update)), { period_ms: 100 });
  deepStrictEqual(updatePeriodMs(readings(20, 1200, (update) => 200 + update % 3)), { period_ms: 20 });
});

Deno.test("updatePeriodMs() bears a value that comes twice, and readings that come late", () => {
  const twice = readings(100, 1200, (update) => update === 5 ? 204 : 200 + update);
  deepStrictEqual(updatePeriodMs(twice), { period_ms: 100 });
  const late = readings(100, 1200, (update) => 200 + update).filter((_, index) => index < 100 || index > 130);
  deepStrictEqual(updatePeriodMs(late), { period_ms: 100 });
});

Deno.test("updatePeriodMs() says why where the values do not tell", () => {
  deepStrictEqual(updatePeriodMs([]), { reason: "power could not be read" });
  deepStrictEqual(updatePeriodMs(readings(100, 1200, () => 60)), { reason: "power did not change" });
  deepStrictEqual(updatePeriodMs(readings(600, 1200, (update) => update)), {
    reason: "power changed only once",
  });
  deepStrictEqual(updatePeriodMs(readings(300, 1200, (update) => update)), {
    reason: "power changed only 3 times",
  });
});
