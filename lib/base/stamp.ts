import { monotonicNs } from "./clock.ts";

/** So many pairs are tried; the one read in the shortest time counts. */
const TRIES = 50;

let offset_ns: bigint | null = null;

/**
 * Nanoseconds on CLOCK_MONOTONIC, in steps of 0.2 us or less: performance.now() is the same clock from an origin of its own,
 * so that one pairing lasts for the life of the process. A call of clock_gettime by FFI takes ten times as long.
 */
export function stampNs(): bigint {
  return stampAt(performance.now());
}

/** The same for a moment that performance.now() has told. */
export function stampAt(now_ms: number): bigint {
  offset_ns ??= pairedOffset();
  return offset_ns + toNs(now_ms);
}

function pairedOffset(): bigint {
  let [found, shortest_ms] = [0n, Infinity];
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before_ms = performance.now();
    const ns = monotonicNs();
    const after_ms = performance.now();
    if (after_ms - before_ms >= shortest_ms) continue;
    shortest_ms = after_ms - before_ms;
    found = ns - toNs((before_ms + after_ms) / 2);
  }
  return found;
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}
