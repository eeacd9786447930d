import { libc } from "./libc.ts";

/** CLOCK_MONOTONIC, the clock that worker, meter and runner share (clock_gettime(2)). */
const CLOCK_MONOTONIC = 1;
/** The same, but it goes on while the machine sleeps. */
const CLOCK_BOOTTIME = 7;
const cell = new BigInt64Array(2);

/** Nanoseconds on CLOCK_MONOTONIC. */
export function monotonicNs(): bigint {
  return clockNs(CLOCK_MONOTONIC);
}

/** Milliseconds that this machine has slept (suspend, hibernation) since its boot. */
export function sleptMs(): number {
  return Number(clockNs(CLOCK_BOOTTIME) - clockNs(CLOCK_MONOTONIC)) / 1e6;
}

function clockNs(clock: number): bigint {
  if (libc().clock_gettime(clock, cell) !== 0) throw new Error(`clock_gettime(${clock}) failed`);
  const [seconds = 0n, nanoseconds = 0n] = cell;
  return seconds * 1_000_000_000n + nanoseconds;
}

/** Milliseconds on a clock that never steps; only differences mean something. */
export function monotonicMs(): number {
  return performance.now();
}

/** UTC now, ISO 8601 with milliseconds: for records that people read, never for durations. */
export function utcNow(): string {
  return new Date().toISOString();
}
