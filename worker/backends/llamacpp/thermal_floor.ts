import { type Outbox, phase } from "./outbox.ts";

const TICK_MS = 1000;

/** Lets the machine come to rest after the warm-up, in a phase of its own, telling every second that it waits. */
export function waitThermalFloor(seconds: number, outbox: Outbox): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  outbox.send(phase("thermal_floor", "begin"));
  for (let left = seconds * 1000; left > 0; left -= TICK_MS) {
    const done = seconds - left / 1000;
    outbox.send({ type: "progress", done, total: seconds, unit: "s", note: "thermal floor" });
    Atomics.wait(cell, 0, 0, Math.min(left, TICK_MS)); // nobody notifies: it sleeps
  }
  outbox.send(phase("thermal_floor", "end"));
}
