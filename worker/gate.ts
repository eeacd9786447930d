/**
 * The gate before a measurement: where other runs are made beside this one, the runner says by a file when it is this one's
 * turn. Waiting costs nothing but a look at that file now and then.
 */
import { sleep } from "../lib/base/abort.ts";
import type { ReadyFrame } from "../lib/protocol/frame.ts";

/** Said once all is loaded, and only where the assignment names a gate. */
const READY: ReadyFrame = { type: "ready" };

/** A look at the file takes some 10 us. */
const LOOK_MS = 8;

/** Tells that this run is loaded, and returns when it may be measured; at once where there is no gate. Needs a free event loop. */
export async function passGate(gate: string | undefined, report: (ready: ReadyFrame) => void): Promise<void> {
  if (gate === undefined) return;
  report(READY);
  while (!isOpen(gate)) await sleep(LOOK_MS);
}

/** The same for a thread that has no event loop to keep: it blocks. */
export function passGateBlocking(gate: string | undefined, report: (ready: ReadyFrame) => void): void {
  if (gate === undefined) return;
  report(READY);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!isOpen(gate)) Atomics.wait(cell, 0, 0, LOOK_MS); // nobody notifies: it sleeps
}

/** The runner makes the file whole, so that it is enough that it is there. */
function isOpen(gate: string): boolean {
  try {
    Deno.statSync(gate);
    return true;
  } catch {
    return false;
  }
}
