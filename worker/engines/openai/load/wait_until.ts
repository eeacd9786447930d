import { pause } from "../../../../lib/base/abort.ts";

const CLOCK_MONOTONIC = 1;
const TIMER_ABSTIME = 1;
/** What a timer of the event loop is late by on a busy machine; the rest of a wait is slept by the kernel. */
const FINE_MS = 3;
/** A timer above 2^31 - 1 ms fires at once. */
const MOST_MS = 2 ** 30;
const NS_PER_S = 1_000_000_000n;

type Sleep = (
  clock: number,
  flags: number,
  request: BigInt64Array<ArrayBuffer>,
  remain: null,
) => Promise<number>;
let sleepCall: Sleep | null = null;

/** clock_nanosleep(2) on a thread of its own, while the event loop goes on. */
function clockNanosleep(): Sleep {
  sleepCall ??= Deno.dlopen("libc.so.6", {
    clock_nanosleep: {
      parameters: ["i32", "i32", "buffer", "pointer"],
      result: "i32",
      nonblocking: true,
    },
  }).symbols.clock_nanosleep;
  return sleepCall;
}

/** Opens the library that the first wait would open, and be late by. */
export function prepareWaits(): void {
  clockNanosleep();
}

/**
 * Resolves at an absolute time of CLOCK_MONOTONIC, or within some milliseconds when a signal aborts. A timer covers the far
 * part: it has steps of 1 ms. The kernel covers the rest; its call cannot be ended, so it is short.
 */
export async function waitUntil(dueNs: bigint, nowNs: () => bigint, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const leftNs = dueNs - nowNs();
    if (leftNs <= 0n) return;
    const leftMs = Number(leftNs) / 1e6;
    if (leftMs > FINE_MS) await pause(Math.min(Math.floor(leftMs - FINE_MS) + 1, MOST_MS), stop);
    else await sleepUntil(dueNs);
  }
}

/**
 * The times that calls under way read, on their own threads and at any moment until they return: what only the call knows of
 * is collected as garbage, or moved where it is small, and then the call sleeps until a time that nobody meant.
 */
const underWay = new Set<BigInt64Array<ArrayBuffer>>();

async function sleepUntil(dueNs: bigint): Promise<void> {
  // A buffer of its own lies outside of the heap of small arrays.
  const time = new BigInt64Array(new ArrayBuffer(16));
  time.set([dueNs / NS_PER_S, dueNs % NS_PER_S]);
  underWay.add(time);
  try {
    // A signal that interrupts it, the one cause to end early, is met by the loop of the caller.
    await clockNanosleep()(CLOCK_MONOTONIC, TIMER_ABSTIME, time, null);
  } finally {
    underWay.delete(time);
  }
}
