import { monotonicNs } from "../../base/clock.ts";

/** How often the two clocks are read side by side; the narrowest reading is kept. */
const PAIRINGS = 50;

let offset_ns: bigint | null = null;

/**
 * Nanoseconds on CLOCK_MONOTONIC, in steps of the 0.2 us of performance.now(), which is the same clock with another
 * beginning: one pairing lasts for the life of the process, and a stamp costs a tenth of the call.
 */
export function stampNs(): bigint {
  return stampAt(performance.now());
}

/** The same for a moment that performance.now() has told. */
export function stampAt(now_ms: number): bigint {
  offset_ns ??= pairedOffset();
  return offset_ns + BigInt(Math.round(now_ms * 1e6));
}

function pairedOffset(): bigint {
  let found = 0n;
  let narrowest = Infinity;
  for (let pairing = 0; pairing < PAIRINGS; pairing += 1) {
    const before = performance.now();
    const ns = monotonicNs();
    const after = performance.now();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    found = ns - BigInt(Math.round((before + after) / 2 * 1e6));
  }
  return found;
}
