import { ignoredAtStart, type ListenedSignal, STOP_SIGNALS, type StopSignal } from "../process/inherited.ts";
import { dieBySignal } from "../process/die_by_signal.ts";
import { pause } from "../runner/deadline.ts";
import type { StopSwitch } from "../runner/stop.ts";
import type { Suspension } from "../runner/suspension.ts";

/** A third signal this long after the second says that we hang; sooner, it is an impatient finger. */
const HANGING_MS = 1000;
/** How long a terminal may take to show that we stop. */
const SHOW_MS = 50;

/** What signals act on. */
export interface SignalTargets {
  readonly stop: StopSwitch;
  readonly suspension: Suspension;
  /** Says what runs now (SIGUSR1). */
  readonly tell: () => void;
  /** Takes away what is half drawn on the terminal; resolves once that is done. */
  readonly hide: () => Promise<void>;
}

/**
 * Listens to signals for as long as a study runs: INT, TERM, HUP and QUIT stop it, USR2 stops it after the run at
 * hand, TSTP (Ctrl-Z) suspends it, CONT tells that it was stopped, USR1 prints what runs now.
 *
 * Those that were ignored when we started (nohup, `&` in a script) get a listener that does nothing: with the first
 * listener for any signal Deno catches INT, TERM and HUP, and those without one would then end the process.
 */
export function listenForSignals(targets: SignalTargets): Disposable {
  const { stop, suspension, tell } = targets;
  const ignored: ReadonlySet<string> = ignoredAtStart();
  const stopListeners = (Object.keys(STOP_SIGNALS) as StopSignal[]).map((signal) =>
    [signal, stopListener(signal, stop)] as const
  );
  const listeners: readonly (readonly [ListenedSignal | "SIGCONT", () => void])[] = [
    ...stopListeners,
    ["SIGUSR2", () => stop.drain()],
    ["SIGUSR1", tell],
    ["SIGTSTP", () => void suspend(targets)],
    ["SIGCONT", () => suspension.continued()],
  ];
  const heard = listeners.map(([signal, act]) => ({ signal, act: ignored.has(signal) ? () => {} : act }));
  for (const { signal, act } of heard) Deno.addSignalListener(signal, act);
  return {
    [Symbol.dispose]: () => {
      for (const { signal, act } of heard) Deno.removeSignalListener(signal, act);
    },
  };
}

function stopListener(signal: StopSignal, stop: StopSwitch): () => void {
  return () => {
    // The guard takes the workers; the journal calls the run lost.
    if (stop.isHanging(HANGING_MS)) dieBySignal(signal);
    stop.request(signal);
  };
}

async function suspend({ suspension, hide }: SignalTargets): Promise<void> {
  await suspension.pause(async () => {
    await Promise.race([hide(), pause(SHOW_MS)]);
    Deno.kill(Deno.pid, "SIGSTOP");
  });
}
