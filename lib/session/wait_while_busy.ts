import { STOP_SIGNALS } from "../process/inherited.ts";
import { pause } from "../base/abort.ts";
import type { StopSwitch } from "../process/stop.ts";
import { BusyError } from "../archive/busy.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { busyNow, stoppedWhileWaiting, waitingFor } from "./messages.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/** How to wait for what others hold. */
export interface Waiting {
  /** 0 is not at all. */
  readonly seconds: number;
  readonly stop: StopSwitch;
  /** Says once what is waited for. */
  readonly say: (line: string) => void;
}

/** Tries to open something until nobody else holds it. Throws the last BusyError when the time is up. */
export async function waitWhileBusy<T>(open: () => Promise<T>, { seconds, stop, say }: Waiting): Promise<T> {
  const endMs = performance.now() + seconds * 1000;
  let said = false;
  for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await open();
    } catch (error) {
      const leftMs = endMs - performance.now();
      if (error instanceof BusyError && seconds === 0) {
        throw new BusyError(busyNow(error.message));
      }
      if (!(error instanceof BusyError) || leftMs <= 0) throw error;
      if (!said) say(waitingFor(error.message, seconds));
      said = true;
      await pause(Math.min(pauseMs, leftMs), stop.signal, stop.draining);
      const { requested, draining } = stop;
      const [code, by] = requested === null
        ? [EXIT.drained, "SIGUSR2"]
        : [STOP_SIGNALS[requested], requested];
      if (requested !== null || draining.aborted) {
        throw new CommandError(code, stoppedWhileWaiting(error.message, by));
      }
    }
  }
}
