import { pause } from "../base/abort.ts";
import { monotonicMs } from "../base/clock.ts";
import type { IdleSign } from "../engines/server_wish.ts";
import { exchange } from "./exchange.ts";

/** Requests that their client has left are given up within tens of milliseconds; a busy prefill may take longer. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 100;
const LIMIT_MS = 2000;

/**
 * Waits until a server has no request in hand, as it tells itself; false where the time is up or it answers no more. One that
 * does not tell is taken for idle.
 */
export async function becomeIdle(
  port: number,
  sign: IdleSign | null,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  if (sign === null) return true;
  const endMs = monotonicMs() + patienceMs;
  while (!signal.aborted) {
    const answer = await exchange(port, { method: "GET", path: sign.path }, LIMIT_MS, signal);
    if (answer === null) return false;
    // Some tell only where they were started with an option for it.
    const busy = answer.status === 200 ? requestsInHand(answer.text, sign.gauges) : null;
    if (busy === null || busy === 0) return true;
    if (monotonicMs() > endMs) return false;
    await pause(LOOK_MS, signal);
  }
  return false;
}

/** The sum of these gauges over all their labels, in Prometheus' text format; null where none of them is there. */
export function requestsInHand(text: string, gauges: readonly string[]): number | null {
  const values = text.split("\n").flatMap((line) => {
    const found = /^([^\s{#]+)(?:\{.*\})?\s+(\S+)/.exec(line);
    const value = Number(found?.[2]);
    return gauges.includes(found?.[1] ?? "") && Number.isFinite(value) ? [value] : [];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
