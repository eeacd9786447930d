/** Keeps so many requests in flight: the next one is sent the moment one ends (closed loop). */
import type { Dispatched, Send } from "./dispatch.ts";
import { InFlight } from "./in_flight.ts";

/** A load of so many requests in flight. */
export interface ClosedLoop {
  /** Requests in flight. */
  readonly concurrency: number;
  /** Requests in all; null goes on until `stop`. */
  readonly count: number | null;
  /** Gets as `t_sched_ns` the moment at which the request became due: the start, or the end of the one before it. */
  readonly send: Send;
  /** Ends the sending; what is under way is awaited. */
  readonly stop: AbortSignal;
  /** CLOCK_MONOTONIC. */
  readonly nowNs: () => bigint;
}

/**
 * Ends when all that were sent have ended. Rejects with what `send` rejects with, after the others have ended. Nothing is
 * ever due and unsent, as nothing is due before there is room for it.
 */
export async function closedLoop(
  { concurrency, count, send, stop, nowNs }: ClosedLoop,
): Promise<Dispatched> {
  const inFlight = new InFlight();
  const most = count ?? Infinity;
  let sent = 0;
  const isOver = (): boolean => sent >= most || stop.aborted || inFlight.hasDefect;
  const user = async (): Promise<void> => {
    while (!isOver()) {
      const [index, t_sched_ns] = [sent++, nowNs()];
      await send(index, t_sched_ns);
    }
  };
  for (let users = 0; users < concurrency && !isOver(); users++) inFlight.start(user);
  await inFlight.drain();
  return { sent, due_unsent: 0, capped: 0, most_in_flight: inFlight.most };
}
