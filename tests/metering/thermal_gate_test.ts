import assert from "node:assert/strict";
import { passThermalGate, type Temperatures } from "../../lib/metering/thermal_gate.ts";
import { FastTime } from "../support/fast_time.ts";

const REFERENCE = new Map([["A", 40], ["B", 50]]);

/** Boards that cool by so much at every look, from these temperatures on. */
function cooling(from: Record<string, number>, step: number): () => Temperatures {
  let looks = 0;
  return () => {
    const now = Object.entries(from).map((
      [uuid, celsius],
    ): [string, number] => [uuid, celsius - step * looks]);
    looks += 1;
    return new Map(now);
  };
}

Deno.test("boards within 2 C of their references: no wait", async () => {
  const said: string[] = [];
  const parts = { read: () => new Map([["A", 42], ["B", 30]]), reference: REFERENCE, limitS: 100 };
  const facts = await passThermalGate({ ...parts, onWait: (text) => said.push(text) });
  assert.deepEqual([facts, said], [{ waited_s: 0, reference_c: 40, reached: true }, []]);
});

Deno.test("the board furthest above its reference is waited for until it is back within 2 C; that is said once", async () => {
  const said: string[] = [];
  const read = cooling({ A: 47, B: 53 }, 2);
  const facts = await passThermalGate({
    read,
    reference: REFERENCE,
    limitS: 100,
    onWait: (text) => said.push(text),
    time: new FastTime(),
  });
  assert.deepEqual([facts?.reached, facts?.reference_c], [true, 40]);
  assert.equal(facts?.waited_s, 1.5); // three looks, half a second apart
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /47 C.*40 C/);
});

Deno.test("boards that stay hot are waited for until the time is up", async () => {
  const parts = { read: () => new Map([["A", 80]]), reference: REFERENCE, onWait: () => {} };
  for (const limitS of [0.2, 0.7, 3600]) {
    const facts = await passThermalGate({ ...parts, limitS, time: new FastTime() });
    assert.deepEqual([facts?.reached, facts?.waited_s.toFixed(3)], [false, limitS.toFixed(3)]);
  }
});

Deno.test("a stop ends the wait, also one from before", async () => {
  const stop = new AbortController();
  const parts = { read: () => new Map([["A", 80]]), reference: REFERENCE, limitS: 1000 };
  const facts = await passThermalGate({ ...parts, onWait: () => stop.abort() }, stop.signal);
  assert.equal(facts?.reached, false);
  const again = await passThermalGate({ ...parts, onWait: () => assert.fail("waits") }, stop.signal);
  assert.equal(again?.waited_s, 0);
});

Deno.test("no temperature that could be compared, at first or later: nothing to wait for", async () => {
  const parts = { reference: REFERENCE, limitS: 1000, onWait: () => {}, time: new FastTime() };
  assert.equal(await passThermalGate({ ...parts, read: () => new Map([["C", 80]]) }), null);
  let looks = 0;
  const read = (): Temperatures => looks++ === 0 ? new Map([["A", 80]]) : new Map();
  assert.equal(await passThermalGate({ ...parts, read }), null);
});

Deno.test("beside neighbours a board that cools no further is let through, and it is told by what", async () => {
  const time = new FastTime();
  // It would be back at its reference, 40 C, alone; beside others it ends at 55 C.
  const read = (): Temperatures =>
    new Map([["A", Math.round(55 + 30 * Math.exp(-(time.nowMs() - 1000) / 20_000))]]);
  const parts = { read, reference: REFERENCE, onWait: () => {}, time };
  const facts = await passThermalGate({ ...parts, bySlope: true, limitS: 600 });
  assert.deepEqual([facts?.reached, facts?.by], [true, "slope"]);
  const now = read().get("A") ?? 0;
  assert.ok(now <= 57, `let through at ${now} C`);
  assert.ok((facts?.waited_s ?? 0) < 120, `${facts?.waited_s} s`);
  const alone = await passThermalGate({ ...parts, limitS: 200 });
  assert.deepEqual([alone?.reached, alone?.by], [false, undefined]);
});

Deno.test("beside neighbours one near its reference does not wait, one that goes on cooling waits out the limit", async () => {
  const near = { read: () => new Map([["A", 41]]), reference: REFERENCE, onWait: () => {} };
  const facts = await passThermalGate({ ...near, bySlope: true, limitS: 600 });
  assert.deepEqual(facts, { waited_s: 0, reference_c: 40, reached: true, by: "reference" });
  const time = new FastTime();
  const read = (): Temperatures => new Map([["A", 90 - (time.nowMs() - 1000) / 5000]]);
  const cooling = { reference: REFERENCE, onWait: () => {}, time, read };
  const late = await passThermalGate({ ...cooling, bySlope: true, limitS: 60 });
  assert.deepEqual([late?.waited_s, late?.reached, late?.by], [60, false, "limit"]);
});
