import { ignoredAtStart, STOP_SIGNALS, type StopSignal } from "../process/inherited.ts";
import type { StopSwitch } from "../runner/stop.ts";

/**
 * Turns INT, TERM and HUP into stop requests, but for those that were ignored when we started (nohup). Those get
 * a listener that does nothing: with the first listener for any signal Deno catches all three, and those without
 * a listener of their own would then end the process.
 */
export function listenForStop(stop: StopSwitch): Disposable {
  const ignored = ignoredAtStart();
  const listeners = (Object.keys(STOP_SIGNALS) as StopSignal[])
    .map((signal) => ({ signal, listener: ignored.has(signal) ? () => {} : () => stop.request(signal) }));
  for (const { signal, listener } of listeners) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]: () => {
      for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}
