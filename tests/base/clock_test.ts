import assert from "node:assert/strict";
import { monotonicMs, monotonicNs, utcNow } from "../../lib/base/clock.ts";

// Loads libc before any test: a library that a test loads counts as a leak.
monotonicNs();

Deno.test("monotonicNs() never runs backwards and moves on", () => {
  const first = monotonicNs();
  let last = first;
  for (let count = 0; count < 10_000; count++) {
    const now = monotonicNs();
    assert.ok(now >= last);
    last = now;
  }
  assert.ok(last > first);
});

Deno.test("monotonicNs() is CLOCK_MONOTONIC, the clock of /proc/uptime and of other processes", () => {
  const uptime = (): number => Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]);
  const before = uptime();
  const seconds = Number(monotonicNs()) / 1e9;
  // Both count from boot; they part only where a machine was suspended.
  assert.ok(seconds <= uptime() + 0.02 && seconds > 0, `${seconds} at ${before}`);
});

Deno.test("monotonicMs() never runs backwards", () => {
  let last = monotonicMs();
  for (let count = 0; count < 10_000; count++) {
    const now = monotonicMs();
    assert.ok(now >= last);
    last = now;
  }
});

Deno.test("utcNow() is ISO 8601 in UTC with milliseconds", () => {
  const before = Date.now();
  const text = utcNow();
  assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Date.parse(text) >= before && Date.parse(text) <= Date.now());
});
