/** What became of a schedule: rates, lateness, and whether the client's lateness spoils the latencies. */
import { type Delays, delaysOf } from "./delays.ts";
import type { Dispatched } from "./dispatch.ts";
import { ratePerSecond } from "./schedule.ts";

/** When a request was due, and when its bytes were given to the kernel: null where they never were. */
export interface SendTimes {
  readonly t_sched_ns: bigint;
  readonly t_send_ns: bigint | null;
}

/** The load as it was asked for and as it came to be. Rates are gaps over the time from the first to the last request. */
export interface LoadFacts {
  /** Requests per second that the schedule asked for; null for a closed loop, and of fewer than two requests. */
  readonly offered_rate: number | null;
  /** Requests per second that were sent; null of fewer than two. */
  readonly achieved_rate: number | null;
  /** 1 where as many were sent as were due; null where a rate is. */
  readonly achieved_share: number | null;
  /** Between the time a request was due and its send. */
  readonly lateness: Delays;
  /** Requests that no byte of was sent: no connection. */
  readonly never_sent: number;
  readonly capped: number;
  readonly due_unsent: number;
  readonly most_in_flight: number;
}

/** By a clock of its own, or by the ends of requests. */
export type LoadKind = "open" | "closed";

/** Milliseconds between due and sent; null where it never was. */
export function latenessMs({ t_sched_ns, t_send_ns }: SendTimes): number | null {
  return t_send_ns === null ? null : Number(t_send_ns - t_sched_ns) / 1e6;
}

/** The facts of requests in any order. */
export function loadFacts(
  requests: readonly SendTimes[],
  { capped, due_unsent, most_in_flight }: Dispatched,
  kind: LoadKind,
): LoadFacts {
  const sends = requests.flatMap(({ t_send_ns }) => t_send_ns === null ? [] : [t_send_ns]);
  const offered = kind === "closed" ? null : rateOf(requests.map(({ t_sched_ns }) => t_sched_ns));
  const achieved = rateOf(sends);
  return {
    offered_rate: offered,
    achieved_rate: achieved,
    achieved_share: offered === null || achieved === null ? null : achieved / offered,
    lateness: delaysOf(requests.map(latenessMs).filter((ms) => ms !== null)),
    never_sent: requests.length - sends.length,
    capped,
    due_unsent,
    most_in_flight,
  };
}

function rateOf(times: readonly bigint[]): number | null {
  const [one = 0n] = times;
  let [first, last] = [one, one];
  for (const time of times) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  return ratePerSecond(times.length, 0, Number(last - first));
}

/** Above this share of the median TTFT the lateness is part of what was measured. */
const MOST_LATENESS_SHARE = 0.1;

/** `late`: the client sent so late that latencies are marginal; `unknown` where nothing was sent or nothing answered. */
export type LatenessVerdict =
  | { readonly kind: "in_time" | "late"; readonly lateness_share: number }
  | { readonly kind: "unknown" };

/** Judges the lateness by what it would change: its p99 against the median time to the first token. */
export function judgeLateness({ p99_ms }: Delays, ttftP50Ms: number | null): LatenessVerdict {
  if (p99_ms === null || ttftP50Ms === null || !(ttftP50Ms > 0)) return { kind: "unknown" };
  const lateness_share = p99_ms / ttftP50Ms;
  return { kind: lateness_share > MOST_LATENESS_SHARE ? "late" : "in_time", lateness_share };
}
