import { stampNs } from "../../../../lib/base/stamp.ts";
import { closedLoop } from "../load/closed_loop.ts";
import { dispatch, type Dispatched, type Send } from "../load/dispatch.ts";
import type { LoadLength, LoadSchedule } from "./load_schedule.ts";

/** Makes the load, and ends when everything that was sent has ended. */
export function drive(
  schedule: LoadSchedule,
  length: LoadLength,
  send: Send,
  stop: AbortController,
): Promise<Dispatched> {
  const startNs = stampNs();
  if (schedule.kind === "open") {
    const { max_in_flight } = schedule;
    return dispatch({
      schedule: schedule.schedule,
      startNs,
      send,
      maxInFlight: max_in_flight,
      stop: stop.signal,
      nowNs: stampNs,
    });
  }
  const { concurrency } = schedule;
  const common = { concurrency, stop: stop.signal, nowNs: stampNs };
  if (length.kind === "stopped") return closedLoop({ ...common, count: null, send });
  const { units, minSeconds } = length;
  if (minSeconds === null) return closedLoop({ ...common, count: units, send });
  const endNs = startNs + BigInt(Math.ceil(minSeconds * 1e9));
  // Of its own: `stop` ends conversations that are under way, too.
  const enough = new AbortController();
  const sendWhole: Send = (unit, tSchedNs) => {
    // With the last one of a pass: what is repeated is repeated whole.
    if (unit % units === units - 1 && stampNs() >= endNs) enough.abort();
    return send(unit, tSchedNs);
  };
  return closedLoop({ ...common, stop: enough.signal, count: null, send: sendWhole });
}
