import assert from "node:assert/strict";
import { MeterClient } from "../../lib/meter/meter_client.ts";
import { type BareReading, drifts, takeBaseline } from "../../lib/metering/bare_baseline.ts";
import { meterProgram, OPTIONS } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import type { StubConfig } from "../support/nvml_stub.ts";

const QUICK = { seconds: 0.5, look_ms: 200 };

async function started(config: StubConfig): Promise<MeterClient> {
  const client = await MeterClient.start(meterProgram(config), OPTIONS);
  assert.ok(!("reason" in client), JSON.stringify(client));
  return client;
}

function reading(power_w: number): BareReading {
  return { power_w, sd_w: 0, seconds: 30, taken_at: "2026-01-01T00:00:00.000Z", temperature_c: null };
}

testWith([C_COMPILER], "the idle machine is metered for the time that was asked for", async () => {
  const temperature = { kind: "constant", value: 33 } as const;
  const power = { kind: "constant", value: 65 } as const;
  await using client = await started({ boards: [{ uuid: "A", power, temperature }, { uuid: "B", power }] });
  const taken = await takeBaseline(client, QUICK);
  assert.deepEqual(Object.keys(taken ?? {}), ["A", "B"]);
  const { power_w, sd_w, seconds, temperature_c } = taken?.["A"] ?? reading(NaN);
  assert.deepEqual([power_w, sd_w ?? NaN].map(Math.round), [65, 0]);
  assert.equal(temperature_c, 33);
  assert.ok(seconds >= 0.5, `${seconds}`);
});

testWith([C_COMPILER], "power that still falls is waited for before it is metered", async () => {
  const power = { kind: "ramp", from: 400, to: 60, begin_s: 0, end_s: 1.5 } as const;
  await using client = await started({ boards: [{ uuid: "A", power }] });
  const taken = await takeBaseline(client, QUICK);
  assert.ok(Math.abs((taken?.["A"]?.power_w ?? NaN) - 60) < 0.02 * 60, `${taken?.["A"]?.power_w}`);
});

testWith([C_COMPILER], "a board without power to read is told by its counter", async () => {
  const codes = ["nvmlDeviceGetPowerUsage"].map((name) => ({ function: name, code: 3 }));
  const fields = [185, 186].map((field) => ({ field, code: 3 }));
  const board = { uuid: "A", power: { kind: "constant", value: 80 }, codes, fields } as const;
  await using client = await started({ boards: [board] });
  assert.equal(client.hello.devices[0]?.power, null);
  const taken = (await takeBaseline(client, { seconds: 1, look_ms: 10 }))?.["A"];
  assert.equal(taken?.sd_w, null);
  assert.ok(Math.abs((taken?.power_w ?? NaN) - 80) < 0.25 * 80, `${taken?.power_w}`);
});

testWith([C_COMPILER], "a stop, and the end of the meter, leave no baseline", async () => {
  await using client = await started({ boards: [{ uuid: "A" }] });
  const stop = new AbortController();
  const stopped = takeBaseline(client, { seconds: 1000, look_ms: 10 }, stop.signal);
  setTimeout(() => stop.abort(), 100);
  assert.equal(await stopped, null);
  const cut = takeBaseline(client, { seconds: 0.4, look_ms: 10 });
  Deno.kill(client.pid, "SIGKILL");
  assert.equal(await cut, null);
});

Deno.test("a level has drifted by more than 3 W and more than 5 percent", () => {
  const before = { A: reading(50), B: reading(100), C: reading(10) };
  const after = { A: reading(52.9), B: reading(104.9), C: reading(14), D: reading(1) };
  assert.deepEqual(drifts(before, after), ["C drew 10.0 W when idle before the runs and 14.0 W after"]);
  assert.equal(drifts({ A: reading(50) }, { A: reading(46.9) }).length, 1);
  assert.equal(drifts({ B: reading(100) }, { B: reading(105.1) }).length, 1);
});
