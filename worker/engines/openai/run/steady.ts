import { sleep } from "../../../../lib/base/abort.ts";
import type { Settled } from "../../../../lib/protocol/settled.ts";
import { stampNs } from "../../../../lib/base/stamp.ts";
import { hasEndedAll, isIn } from "../windows/populations.ts";
import { type LineRequest, type TimeLine, timeLineOf } from "../windows/time_line.ts";
import { type Window, windowEndNs } from "../windows/window_end.ts";
import { type WaitsFor, windowStart } from "../windows/window_start.ts";
import type { LoadSchedule } from "./load_schedule.ts";
import type { Made } from "./made.ts";

/** What a steady window has to be. */
export interface WindowWish {
  /** Shortest window. */
  readonly minSeconds: number;
  /** The window is opened after so many seconds of load, steady or not. */
  readonly mostLeadInSeconds: number;
  /** What the runner's meter says of power and temperature. */
  readonly settled: () => Settled;
}

/** A load that goes on. */
export interface GoingLoad {
  readonly made: readonly Made[];
  /** Requests that have not ended, by index: when they were due. */
  readonly underWay: ReadonlyMap<number, bigint>;
  readonly startNs: bigint;
  /** Settles where the load ends by itself. */
  readonly over: Promise<void>;
  /** Called before the window opens where nothing succeeds; it throws. */
  readonly giveUp: () => void;
}

/** A window that is over; `despite`: what it had still waited for when it was opened, null where for nothing. */
export interface OpenedWindow {
  readonly window: Window;
  readonly despite: WaitsFor | null;
}

interface Edges {
  open(t0Ns: bigint): Promise<void>;
  close(t1Ns: bigint): Promise<void>;
  /** Told as soon as the window's edges are known or change. */
  knows(window: Window): void;
}

const POLL_MS = 250;
/** A look at a long load takes its time, which the load should not notice. */
const POLL_SHARE = 20;
/** Where ten median request times are longer, the window grows up to so many times its length. */
export const MOST_GROWTH = 4;

/** Waits until the load is steady, for the length of the window, and until every request that was due in it has ended. */
export async function openWindow(
  { minSeconds, mostLeadInSeconds, settled }: WindowWish,
  schedule: LoadSchedule,
  load: GoingLoad,
  edges: Edges,
): Promise<OpenedWindow> {
  const hold = schedule.kind === "closed"
    ? { kind: "closed" as const, concurrency: schedule.concurrency }
    : { kind: "open" as const };
  let isOver = false;
  void load.over.then(() => isOver = true);
  let despite: WaitsFor | null = null;
  let t0_ns = 0n;
  while (true) {
    const lookedMs = performance.now();
    const nowNs = stampNs();
    const start = windowStart({
      line: lineOf(load.made, load.underWay, nowNs),
      hold,
      settled: settled(),
      startNs: load.startNs,
      nowNs,
    });
    if (start.kind === "open") {
      t0_ns = stampNs();
      break;
    }
    if (isHopeless(load, nowNs)) load.giveUp();
    if (isOver || Number(nowNs - load.startNs) / 1e9 >= mostLeadInSeconds) {
      despite = start.for;
      t0_ns = stampNs();
      break;
    }
    await sleep(Math.max(POLL_MS, POLL_SHARE * (performance.now() - lookedMs)));
  }
  const endNs = (): bigint =>
    windowEndNs(t0_ns, {
      minSeconds,
      mostSeconds: MOST_GROWTH * minSeconds,
      requestSeconds: load.made.flatMap(secondsOf),
    });
  let t1_ns = endNs();
  // Before anything is awaited: requests that are due in the window may end meanwhile.
  edges.knows({ t0_ns, t1_ns });
  await edges.open(t0_ns);
  while (stampNs() < t1_ns && !isOver) {
    await Promise.race([sleep(Math.min(1000, Number(t1_ns - stampNs()) / 1e6 + 1)), load.over]);
    const grownNs = endNs();
    // Never shorter than it was told to be: a request that was due in it stays so.
    if (stampNs() < t1_ns && grownNs > t1_ns) t1_ns = grownNs;
    edges.knows({ t0_ns, t1_ns });
  }
  if (isOver) t1_ns = stampNs() < t1_ns ? stampNs() : t1_ns;
  const window = { t0_ns, t1_ns };
  edges.knows(window);
  await edges.close(t1_ns);
  const dueUnderWay = (): { readonly t_sched_ns: bigint }[] =>
    [...load.underWay.values()].map((t_sched_ns) => ({ t_sched_ns }));
  while (!isOver && !hasEndedAll(window, dueUnderWay(), stampNs())) {
    await Promise.race([sleep(20), load.over]);
  }
  return { window, despite };
}

/** So many failures, after so many seconds of load, without one success. */
const HOPELESS = { requests: 20, seconds: 10, underWaySeconds: 5 };

/**
 * A server that refuses everything at once is asked thousands of times a second for as long as the load goes on. One request
 * that is under way for longer may be the first to succeed.
 */
export function isHopeless(
  { made, underWay, startNs }: {
    readonly made: readonly Pick<Made, "error">[];
    readonly underWay: ReadonlyMap<number, bigint>;
    readonly startNs: bigint;
  },
  nowNs: bigint,
): boolean {
  const ageS = (sinceNs: bigint): number => Number(nowNs - sinceNs) / 1e9;
  return made.length >= HOPELESS.requests && ageS(startNs) >= HOPELESS.seconds &&
    made.every(({ error }) => error !== null) &&
    [...underWay.values()].every((sinceNs) => ageS(sinceNs) < HOPELESS.underWaySeconds);
}

/** True where a request counts into the window's latencies, as far as the window is known. */
export function isDue(window: Window | null, tSchedNs: bigint): boolean {
  return window !== null && isIn(window, tSchedNs);
}

/** The load so far, requests under way included. */
export function lineOf(
  made: readonly Made[],
  underWay: ReadonlyMap<number, bigint>,
  nowNs: bigint,
): TimeLine {
  const ended = made.flatMap((request): LineRequest[] => {
    const { t_send_ns, t_done_ns } = request;
    if (t_send_ns === null) return [];
    return [{ ...request, t_send_ns, t_done_ns: t_done_ns ?? nowNs, failed: request.error !== null }];
  });
  const others = [...underWay.values()].map((t_sched_ns): LineRequest => ({
    t_sched_ns,
    t_send_ns: t_sched_ns,
    t_first_token_ns: null,
    t_done_ns: null,
    failed: false,
  }));
  return timeLineOf([...ended, ...others]);
}

function secondsOf({ t_send_ns, t_done_ns, error }: Made): number[] {
  return t_send_ns === null || t_done_ns === null || error !== null
    ? []
    : [Number(t_done_ns - t_send_ns) / 1e9];
}
