import { monotonicNs } from "../../../lib/base/clock.ts";

/** So many pairs are tried; the one read in the shortest time counts. */
const TRIES = 16;

/** Nanoseconds to add to performance.now(), which runs at the rate of CLOCK_MONOTONIC from an origin of its own. */
function pairedOffsetNs(): bigint {
  let [offsetNs, shortestMs] = [0n, Infinity];
  for (let i = 0; i < TRIES; i++) {
    const beforeMs = performance.now();
    const ns = monotonicNs();
    const tookMs = performance.now() - beforeMs;
    if (tookMs >= shortestMs) continue;
    shortestMs = tookMs;
    offsetNs = ns - toNs(beforeMs + tookMs / 2);
  }
  return offsetNs;
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

let offset: bigint | null = null;

/**
 * Nanoseconds on CLOCK_MONOTONIC, in steps of 0.2 us or less: performance.now() with an offset that is paired once. A call
 * of clock_gettime by FFI takes ten times as long.
 */
export function stampNs(): bigint {
  offset ??= pairedOffsetNs();
  return toNs(performance.now()) + offset;
}
