/** Sends requests when they are due, whatever became of those before them (open loop). */
import { setImmediate } from "node:timers";
import { InFlight } from "./in_flight.ts";
import type { Schedule } from "./schedule.ts";
import { prepareWaits, waitUntil } from "./wait_until.ts";

/** After so many sends of a backlog the event loop has its turn: where none is ever in time, answers would go unread. */
const MOST_IN_TURN = 64;

/** Makes one request and ends with it; a request that fails is a result, and no rejection. */
export type Send = (index: number, t_sched_ns: bigint) => Promise<void>;

/** A load by a clock. */
export interface Dispatch {
  readonly schedule: Schedule;
  /** The time on CLOCK_MONOTONIC from which the schedule counts. One that has passed makes a backlog, sent at once. */
  readonly startNs: bigint;
  readonly send: Send;
  /** Most requests in flight, null for no limit: a request that is due then waits, and its lateness says so. */
  readonly maxInFlight: number | null;
  /** Ends the sending; what is under way is awaited. */
  readonly stop: AbortSignal;
  /** CLOCK_MONOTONIC. */
  readonly nowNs: () => bigint;
}

/** What was done with a schedule. */
export interface Dispatched {
  /** Requests sent: the first so many of the schedule, none left out. */
  readonly sent: number;
  /** Requests that were due when the sending ended, and not sent: a full limit of requests in flight held them. */
  readonly due_unsent: number;
  /** Requests that were due while the limit was full, and so were sent late. */
  readonly capped: number;
  readonly most_in_flight: number;
}

/**
 * Sends every request of a schedule in its order, none before it is due and none left out; those that are overdue at once.
 * Ends when all that were sent have ended. Rejects with what `send` rejects with, after the others have ended.
 */
export async function dispatch(
  { schedule, startNs, send, maxInFlight, stop, nowNs }: Dispatch,
): Promise<Dispatched> {
  prepareWaits();
  const inFlight = new InFlight();
  const dueNs = (index: number): bigint => startNs + BigInt(schedule[index] ?? 0);
  const isOver = (): boolean => stop.aborted || inFlight.hasDefect;
  const wake = (): void => inFlight.wake();
  stop.addEventListener("abort", wake);
  let [sent, capped, lastCapped, inTurn] = [0, 0, -1, 0];
  while (sent < schedule.length && !isOver()) {
    const t_sched_ns = dueNs(sent);
    if (t_sched_ns > nowNs()) {
      await waitUntil(t_sched_ns, nowNs, stop);
      inTurn = 0;
    } else if (inTurn >= MOST_IN_TURN) {
      await turnOfLoop();
      inTurn = 0;
    }
    while (maxInFlight !== null && inFlight.count >= maxInFlight && !isOver()) {
      if (lastCapped < sent) [capped, lastCapped] = [capped + 1, sent];
      await inFlight.nextEnd();
    }
    if (isOver()) break;
    const index = sent++;
    inTurn += 1;
    inFlight.start(() => send(index, t_sched_ns));
  }
  stop.removeEventListener("abort", wake);
  const endNs = nowNs();
  let due = sent;
  while (due < schedule.length && dueNs(due) <= endNs) due++;
  await inFlight.drain();
  return { sent, due_unsent: due - sent, capped, most_in_flight: inFlight.most };
}

/** Lets the event loop see to everything else once. */
function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
