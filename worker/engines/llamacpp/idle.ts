import { type Outbox, phase } from "./outbox.ts";
import { idleForBaseline } from "./messages.ts";

const TICK_MS = 1000;

/** What a GPU draws while nothing is done: with a context and nothing else, or with the model loaded. */
export type IdlePhase = "context_idle" | "loaded_idle";

/** Does nothing, in a phase of its own whose power is a baseline, and tells every second that it waits. */
export function idle(name: IdlePhase, seconds: number, outbox: Outbox): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  outbox.send(phase(name, "begin"));
  for (let left = seconds * 1000; left > 0; left -= TICK_MS) {
    const done = seconds - left / 1000;
    outbox.send({ type: "progress", done, total: seconds, unit: "s", note: idleForBaseline() });
    Atomics.wait(cell, 0, 0, Math.min(left, TICK_MS)); // nobody notifies: it sleeps
  }
  outbox.send(phase(name, "end"));
}
