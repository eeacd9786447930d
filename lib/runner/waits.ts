import { firstAbort } from "../base/abort.ts";
import { Deadline } from "../base/deadline.ts";
import type { Outcome } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";
import { gapSeconds, isGiven } from "../plan/gaps.ts";
import { backoffSeconds, isVoid } from "../plan/retry.ts";
import type { GapWatch } from "./gap_watch.ts";
import { haltOf } from "./halt.ts";
import type { Control, Slot, Study } from "./lifetimes.ts";

/** The gap that is due before a run. Whatever halts the study ends it. */
export async function waitGap(
  run: Run,
  watch: GapWatch,
  study: Study,
  slot: Slot,
  control: Control,
): Promise<void> {
  const { gap_before: kind } = run;
  const { gaps, execution } = study.plan;
  const seconds = gapSeconds(kind, gaps);
  if (kind === null || seconds === 0 || !watch.isDue(run) || haltOf(slot, control) !== null) return;
  const source = isGiven(kind, execution) ? "given" : "machine";
  study.emit({ type: "gap_started", kind, source, seconds, run });
  await waitSeconds(seconds, control);
}

/**
 * The pause before another attempt of a run, longer with each one that failed or, where the last one was void, with each
 * that was. Whatever halts the study ends it.
 */
export async function waitBackoff(
  run: Run,
  { outcome, attempt }: { readonly outcome: Outcome; readonly attempt: number },
  study: Study,
  control: Control,
): Promise<void> {
  const seconds = announceBackoff(run, { outcome, attempt }, study);
  if (seconds > 0) await waitSeconds(seconds, control);
}

/** How long that pause is in seconds, once it has been told. */
export function announceBackoff(
  run: Run,
  { outcome, attempt }: { readonly outcome: Outcome; readonly attempt: number },
  study: Study,
): number {
  const { retry_backoff_seconds } = study.plan.execution;
  const { tries = 1, voids = 0 } = study.ledger.entryOf(run) ?? {};
  // After the first void attempt there is no pause.
  const count = isVoid(outcome) ? voids - 1 : tries;
  const seconds = backoffSeconds(count, retry_backoff_seconds, Math.random());
  if (seconds > 0) study.emit({ type: "retry_waiting", run, attempt, seconds });
  return seconds;
}

/** What the metering wants to see or wait for before a worker is there. */
export async function prepareSlot(run: Run, slot: Slot, control: Control): Promise<void> {
  if (haltOf(slot, control) !== null) return;
  const { signal, draining } = control.stop;
  await slot.metering.prepare(run.config, signal, draining, control.limit.signal);
}

/** Whatever halts the study ends the wait. */
export async function waitSeconds(seconds: number, { stop, limit }: Control): Promise<void> {
  using wait = new Deadline(seconds);
  await firstAbort(wait.signal, stop.signal, stop.draining, limit.signal);
}
