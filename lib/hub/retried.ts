import pRetry from "p-retry";
import { pause } from "../base/abort.ts";
import type { Pace } from "./download_work.ts";

/** What is said about a failure that is tried again. */
export interface Retry {
  readonly error: Error;
  /** What is waited for before it. */
  readonly pause_ms: number;
}

/** When something is tried again. */
export interface RetryRules {
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** False where the same would come of it. */
  readonly isPassing: (error: Error) => boolean;
  /** True where the try has got further than any before: then it does not count. */
  readonly hasMoved?: () => boolean;
  /** A pause that the other side asks for; null for none. */
  readonly askedPauseMs?: (error: Error) => number | null;
  readonly onRetry: (retry: Retry) => void;
}

/** Does something again, with pauses that grow, while it fails in a way that may pass. Throws the last failure. */
export async function retried<T>(action: () => Promise<T>, rules: RetryRules): Promise<T> {
  const { pace, signal, isPassing, hasMoved = () => false, askedPauseMs = () => null, onRetry } = rules;
  return await pRetry(action, {
    retries: pace.retries,
    minTimeout: pace.first_pause_ms,
    maxTimeout: pace.longest_pause_ms,
    randomize: true,
    signal,
    shouldConsumeRetry: () => !hasMoved(),
    onFailedAttempt: async ({ error, retriesLeft, retryDelay }) => {
      const asked_ms = askedPauseMs(error) ?? 0;
      if (retriesLeft === 0 || !isPassing(error) || asked_ms > pace.longest_retry_after_ms) throw error;
      const least_ms = Math.max(asked_ms, pace.first_pause_ms);
      onRetry({ error, pause_ms: Math.max(least_ms, retryDelay) });
      // What is left of it p-retry waits for itself.
      await pause(Math.max(0, least_ms - retryDelay), signal);
    },
  });
}
