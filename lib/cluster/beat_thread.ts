/** The thread that keeps an agent's heartbeat: a Web Worker that writes, waits, and writes again. */
import { type BeatOrder, DONE, ORDER, STATES, writeBeat } from "./beat_file.ts";

const scope = globalThis as unknown as { onmessage: (event: MessageEvent<BeatOrder>) => void };

scope.onmessage = ({ data: { path, everyMs, shared } }) => {
  for (let count = 1;; count++) {
    const order = Atomics.load(shared, ORDER);
    const state = STATES[order] ?? "working";
    try {
      writeBeat(path, count, state);
    } catch {
      // A server that is away for a moment: the next beat may get through.
    }
    if (state === "left") break;
    Atomics.wait(shared, ORDER, order, everyMs);
  }
  Atomics.store(shared, DONE, 1);
  Atomics.notify(shared, DONE);
};
