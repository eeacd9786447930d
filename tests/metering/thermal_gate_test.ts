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
