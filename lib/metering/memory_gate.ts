import { type Patience, realTime } from "../base/abort.ts";
import type { SpawnFailure } from "../process/spawn.ts";
import { memoryAwaited, memoryNotFreed } from "./messages.ts";

/** What may be in use beyond that: drivers, and a desktop on the same card, take and return some as they like. */
const TOLERANCE_MIB = 1024;
/** How long a driver gets to return what a killed worker held. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 500;

/** MiB in use by device; null where that cannot be told. */
export type ReadMemory = () => Promise<ReadonlyMap<string, number> | null>;

/** What was in use on every device, in MiB, when the last worker was let through there: of a device, whichever slot has it. */
export type MemoryLevels = Map<string, number>;

/**
 * Lets no worker start on a device whose memory an earlier one still holds: it would fail for want of memory, or
 * measure beside a stranger. A device counts as free once it has no more in use than when the last worker was let
 * through; what others had taken before that is their affair.
 */
export class MemoryGate {
  readonly #devices: readonly string[];
  readonly #read: ReadMemory;
  readonly #patienceMs: number;
  readonly #time: Patience;
  readonly #onWait: (text: string, seconds: number) => void;
  readonly #levels: MemoryLevels;

  /**
   * `devices` by the names that `read` tells; with none the gate is open. `onWait` hears of a wait as it begins. `levels` are those
   * that the gates of all slots share.
   */
  constructor(
    devices: readonly string[],
    read: ReadMemory,
    patienceMs = PATIENCE_MS,
    time = realTime,
    onWait: (text: string, seconds: number) => void = () => {},
    levels: MemoryLevels = new Map(),
  ) {
    this.#levels = levels;
    this.#devices = devices;
    this.#read = read;
    this.#patienceMs = patienceMs;
    this.#time = time;
    this.#onWait = onWait;
  }

  /** Resolves with null once the devices are free; with what is in the way when the time is up or a signal aborts. */
  async pass(...signals: readonly AbortSignal[]): Promise<SpawnFailure | null> {
    if (this.#devices.length === 0) return null;
    const endMs = this.#time.nowMs() + this.#patienceMs;
    for (let looks = 0;; looks++) {
      const used = await this.#read();
      const busy = this.#busy(used);
      if (busy === null) this.#take(used);
      if (busy !== null && looks === 0) this.#onWait(busy.awaited, this.#patienceMs / 1000);
      const isOver = this.#time.nowMs() > endMs || signals.some((signal) => signal.aborted);
      if (busy === null) return null;
      if (isOver) return busy.failure;
      await this.#time.pause(LOOK_MS, ...signals);
    }
  }

  /** Of its own devices alone: what others hold is no level of theirs. */
  #take(used: ReadonlyMap<string, number> | null): void {
    for (const device of this.#devices) {
      const mib = used?.get(device);
      if (mib !== undefined) this.#levels.set(device, mib);
    }
  }

  #busy(
    used: ReadonlyMap<string, number> | null,
  ): { readonly failure: SpawnFailure; readonly awaited: string } | null {
    for (const device of this.#devices) {
      const mib = used?.get(device);
      if (mib === undefined) continue;
      const levelMib = this.#levels.get(device) ?? mib;
      if (mib <= levelMib + TOLERANCE_MIB) continue;
      const limitMs = this.#patienceMs;
      const memory = { usedMib: mib, beforeMib: levelMib, limitMs };
      const failure = { errno: "device_busy", message: memoryNotFreed(device, memory) };
      return { failure, awaited: memoryAwaited(device, memory) };
    }
    return null;
  }
}
