import { monotonicMs } from "../base/clock.ts";
import type { SpawnFailure } from "../process/spawn.ts";
import { pause } from "./deadline.ts";

/** What may be in use above the level of an idle device: drivers keep and return some as they like. */
const TOLERANCE_MIB = 512;
/** How long a driver gets to return what a killed worker held. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 500;

/** MiB in use by device; null where that cannot be told. */
export type ReadMemory = () => Promise<ReadonlyMap<string, number> | null>;

/**
 * Lets no worker start on a device whose memory an earlier one still holds: it would fail for want of memory, or
 * measure beside a stranger. The least that was ever seen in use counts as the level of an idle device.
 */
export class MemoryGate {
  readonly #devices: readonly string[];
  readonly #read: ReadMemory;
  readonly #patienceMs: number;
  readonly #idleMib = new Map<string, number>();

  /** `devices` by the names that `read` tells; with none the gate is open. */
  constructor(devices: readonly string[], read: ReadMemory, patienceMs = PATIENCE_MS) {
    this.#devices = devices;
    this.#read = read;
    this.#patienceMs = patienceMs;
  }

  /** Resolves with null once the devices are free; with what is in the way when the time is up or a signal aborts. */
  async pass(...signals: readonly AbortSignal[]): Promise<SpawnFailure | null> {
    if (this.#devices.length === 0) return null;
    const endMs = monotonicMs() + this.#patienceMs;
    while (true) {
      const busy = this.#busy(await this.#read());
      const isOver = monotonicMs() > endMs || signals.some((signal) => signal.aborted);
      if (busy === null || isOver) return busy;
      await pause(LOOK_MS, ...signals);
    }
  }

  #busy(used: ReadonlyMap<string, number> | null): SpawnFailure | null {
    for (const device of this.#devices) {
      const mib = used?.get(device);
      if (mib === undefined) continue;
      const idleMib = Math.min(this.#idleMib.get(device) ?? Infinity, mib);
      this.#idleMib.set(device, idleMib);
      if (mib > idleMib + TOLERANCE_MIB) return failure(device, mib, idleMib, this.#patienceMs);
    }
    return null;
  }
}

function failure(device: string, mib: number, idleMib: number, patienceMs: number): SpawnFailure {
  return {
    errno: "device_busy",
    message:
      `${device} has ${mib} MiB in use, ${idleMib} MiB when it was idle, and did not get free within ` +
      `${
        patienceMs / 1000
      } s: a process that is left over, or somebody else's, holds it. See nvidia-smi for its number`,
  };
}
