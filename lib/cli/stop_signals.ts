import { ignoredAtStart, STOP_SIGNALS, type StopSignal } from "../process/inherited.ts";
import type { StopSwitch } from "../runner/stop.ts";

/** Turns INT, TERM and HUP into stop requests, but for those that were ignored when we started (nohup). */
export function listenForStop(stop: StopSwitch): Disposable {
  const ignored = ignoredAtStart();
  const listeners = (Object.keys(STOP_SIGNALS) as StopSignal[])
    .filter((signal) => !ignored.has(signal))
    .map((signal) => ({ signal, listener: () => stop.request(signal) }));
  for (const { signal, listener } of listeners) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]: () => {
      for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}
