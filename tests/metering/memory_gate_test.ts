import assert from "node:assert/strict";
import { MemoryGate } from "../../lib/metering/memory_gate.ts";
import { FastTime } from "../support/fast_time.ts";

/** Readings by turns, the last one for ever: a fake of nvidia-smi for a GPU that is not there. */
function readings(
  ...mib: readonly (number | null)[]
): { read: () => Promise<Map<string, number> | null>; looks: number } {
  const left = [...mib];
  const fake = {
    looks: 0,
    read: () => {
      fake.looks += 1;
      const next = left.length > 1 ? left.shift() : left[0];
      return Promise.resolve(
        next === null || next === undefined ? null : new Map([["GPU-a", next], ["GPU-b", 9e9]]),
      );
    },
  };
  return fake;
}

Deno.test("MemoryGate takes the first reading as it is, and lets through what is near it", async () => {
  const { read } = readings(4, 400, 1028, 100);
  const gate = new MemoryGate(["GPU-a"], read, 0);
  for (let round = 0; round < 4; round++) assert.equal(await gate.pass(), null);
});

Deno.test("MemoryGate waits until a device has its memory back", async () => {
  const fake = readings(4, 60_000, 30_000, 10);
  const told: string[] = [];
  const gate = new MemoryGate(["GPU-a"], fake.read, undefined, new FastTime(), (text) => told.push(text));
  assert.equal(await gate.pass(), null);
  assert.deepEqual(told, []);
  assert.equal(await gate.pass(), null);
  assert.deepEqual(told, [
    "waiting until the memory of the previous run is free on GPU-a: 60000 MiB in use, 4 MiB before it (at most 30 s)",
  ]);
  assert.equal(fake.looks, 4);
});

Deno.test("MemoryGate says what is in the way where that does not happen", async () => {
  const { read } = readings(4, 60_000);
  const gate = new MemoryGate(["GPU-a"], read, 0);
  await gate.pass();
  const busy = await gate.pass();
  assert.equal(busy?.errno, "device_busy");
  assert.match(
    busy?.message ?? "",
    /^GPU-a has 60000 MiB in use, compared with 4 MiB before the previous run, .*: see nvidia-smi/,
  );
});

Deno.test("MemoryGate waits for half a minute, and not longer", async () => {
  const fake = readings(4, 60_000);
  const time = new FastTime();
  const gate = new MemoryGate(["GPU-a"], fake.read, undefined, time);
  await gate.pass();
  const beganMs = time.nowMs();
  assert.match((await gate.pass())?.message ?? "", /was not freed within 30 s/);
  assert.equal(time.nowMs() - beganMs, 30_500);
});

Deno.test("MemoryGate goes by what was in use when the last run was let through, not by the start of the study", async () => {
  // A neighbour comes step by step, and leaves; then somebody takes it all at once.
  const { read } = readings(4, 900, 1800, 2700, 4, 1100);
  const gate = new MemoryGate(["GPU-a"], read, 0);
  for (let round = 0; round < 5; round++) assert.equal(await gate.pass(), null);
  assert.equal((await gate.pass())?.errno, "device_busy");
});

Deno.test("MemoryGate is open where nothing can be told and without devices; a stop ends the wait", async () => {
  const unknown = new MemoryGate(["GPU-a"], readings(null).read, 0);
  assert.equal(await unknown.pass(), null);
  const foreign = new MemoryGate(["GPU-c"], readings(4, 60_000).read, 0);
  for (let round = 0; round < 3; round++) assert.equal(await foreign.pass(), null);
  const nothing = readings(4);
  await new MemoryGate([], nothing.read).pass();
  assert.equal(nothing.looks, 0);
  const stopped = new MemoryGate(["GPU-a"], readings(4, 60_000).read);
  await stopped.pass();
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  assert.equal((await stopped.pass(stop.signal))?.errno, "device_busy");
});
