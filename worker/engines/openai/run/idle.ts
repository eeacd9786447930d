import { sleep } from "../../../../lib/base/abort.ts";
import { stampNs } from "../../../../lib/base/stamp.ts";
import { idleProgress } from "./messages.ts";
import { type Outbox, phase } from "./outbox.ts";

const TICK_MS = 1000;

/** Sends nothing, in a phase whose power is what the loaded server draws without work, and tells that it waits. */
export async function loadedIdle(seconds: number, outbox: Outbox): Promise<void> {
  outbox.send(phase("loaded_idle", "begin", stampNs()));
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    const left = (endMs - performance.now()) / 1000;
    outbox.send({ type: "progress", done: seconds - left, total: seconds, unit: "s", note: idleProgress() });
    await sleep(Math.min(TICK_MS, left * 1000));
  }
  outbox.send(phase("loaded_idle", "end", stampNs()));
}
