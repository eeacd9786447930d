import { StopSwitch } from "../../process/stop.ts";

/** A stop switch that follows another one, and that can be used without it. */
export function localStop(outer: StopSwitch): { readonly stop: StopSwitch } & Disposable {
  const stop = new StopSwitch();
  const listening = outer.listen((signal) => stop.request(signal));
  const drain = (): void => stop.drain();
  outer.draining.addEventListener("abort", drain);
  if (outer.draining.aborted) drain();
  // From here on the listener hears of a stop; one from before it never does.
  if (outer.requested !== null) stop.request(outer.requested);
  return {
    stop,
    [Symbol.dispose]: () => {
      listening[Symbol.dispose]();
      outer.draining.removeEventListener("abort", drain);
    },
  };
}
