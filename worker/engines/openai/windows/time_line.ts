import type { Point } from "../../../../lib/base/slope.ts";

/** What requests tell of a load over time. */
export interface TimeLine {
  /** Requests in flight, at any times. */
  readonly in_flight: readonly Point[];
  /**
   * Milliseconds to the first token of each request from the time at which it was due, at that time: where a limit holds
   * requests back, the number in flight stays the same and the queue is the client's.
   */
  readonly ttft_sched_ms: readonly Point[];
  /** Seconds from send to end of the requests that have ended well, in any order. */
  readonly request_s: readonly number[];
}

/** One request of a time line; null for what has not come, or never did. */
export interface LineRequest {
  readonly t_sched_ns: bigint;
  readonly t_send_ns: bigint;
  readonly t_first_token_ns: bigint | null;
  readonly t_done_ns: bigint | null;
  readonly failed: boolean;
}

/** The time line of requests, those under way included: the number in flight after each send and each end. */
export function timeLineOf(requests: readonly LineRequest[]): TimeLine {
  const steps = requests.flatMap(({ t_send_ns, t_done_ns }) => [
    { t_ns: t_send_ns, by: 1 },
    ...(t_done_ns === null ? [] : [{ t_ns: t_done_ns, by: -1 }]),
  ]).toSorted((a, b) => a.t_ns < b.t_ns ? -1 : a.t_ns > b.t_ns ? 1 : a.by - b.by);
  let value = 0;
  const in_flight = steps.map(({ t_ns, by }) => ({ t_ns, value: value += by }));
  return {
    in_flight,
    ttft_sched_ms: requests.flatMap(({ t_sched_ns, t_first_token_ns }) =>
      t_first_token_ns === null
        ? []
        : [{ t_ns: t_sched_ns, value: Number(t_first_token_ns - t_sched_ns) / 1e6 }]
    ),
    request_s: requests.flatMap(({ t_send_ns, t_done_ns, failed }) =>
      t_done_ns === null || failed ? [] : [Number(t_done_ns - t_send_ns) / 1e9]
    ),
  };
}
