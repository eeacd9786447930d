import { dieBySignal } from "../../process/die_by_signal.ts";
import {
  ignoredAtStart,
  type ListenedSignal,
  STOP_SIGNALS,
  type StopSignal,
} from "../../process/inherited.ts";
import { pause } from "../../base/abort.ts";
import type { StopSwitch } from "../../process/stop.ts";
import type { Suspension } from "../../process/suspension.ts";

/** A third signal this long after the second says that we hang; sooner, it is an impatient finger. */
const HANGING_MS = 1000;
/** How long a terminal may take to show that we stop. */
const SHOW_MS = 50;

type Listeners = readonly (readonly [ListenedSignal | "SIGCONT", () => void])[];

/** Turns INT, TERM, HUP and QUIT into stop requests, and USR2 into the wish to end after the run at hand. */
export function listenForStop(stop: StopSwitch): Disposable {
  const stopping = (Object.keys(STOP_SIGNALS) as StopSignal[]).map((signal) =>
    [signal, stopListener(signal, stop)] as const
  );
  return listen([...stopping, ["SIGUSR2", () => stop.drain()]]);
}

/** What the signals of a study in motion act on. */
export interface PauseTargets {
  readonly suspension: Suspension;
  /** Says what runs now. */
  readonly tell: () => void;
  /** Takes away what is half drawn on the terminal; resolves once that is done. */
  readonly hide: () => Promise<void>;
}

/** TSTP (Ctrl-Z) suspends the study, CONT tells that it was stopped, USR1 prints what runs now. */
export function listenForPauses(targets: PauseTargets): Disposable {
  return listen([
    ["SIGUSR1", targets.tell],
    ["SIGTSTP", () => void suspend(targets)],
    ["SIGCONT", () => targets.suspension.continued()],
  ]);
}

/**
 * Signals that were ignored when we started (nohup, `&` in a script) get a listener that does nothing: with the first
 * listener for any signal Deno catches INT, TERM and HUP, and those without one would then end the process.
 */
function listen(listeners: Listeners): Disposable {
  const ignored: ReadonlySet<string> = ignoredAtStart();
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

async function suspend({ suspension, hide }: PauseTargets): Promise<void> {
  await suspension.pause(async () => {
    await Promise.race([hide(), pause(SHOW_MS)]);
    Deno.kill(Deno.pid, "SIGSTOP");
  });
}
