import { type Call, type Control, type EdgeReads, inSight, isWanted } from "./control.ts";
import { impossiblePower } from "./messages.ts";
import { type CounterReading, type MeterDevice, type MeterSource, NO_STATE } from "./meter.ts";
import { isPossiblePower, possibleCounter, possibleState } from "./plausible.ts";
import type { MeterMessage, PowerMessage } from "./sample.ts";

/** Counters are disturbed by frequent reading on some boards: once a second, and at edges (measurement rule 2.1). */
const SLOW_PERIOD_MS = 1000;

const NO_COUNTERS: CounterReading = { energy_j: null, throttle_ns: null };

/** A device in the order of the hello, and where it is read; null where it is known and not to be touched. */
export interface SampledDevice {
  readonly device: MeterDevice;
  readonly at: { readonly source: MeterSource; readonly index: number } | null;
}

/** What a sampler works with. */
export interface SamplerParts {
  readonly devices: readonly SampledDevice[];
  readonly control: Control;
  readonly periodMs: number;
  readonly emit: (message: MeterMessage) => void;
  /** Nanoseconds on CLOCK_MONOTONIC. */
  readonly nowNs: () => number;
}

/**
 * Reads devices and tells what it read. Power at every tick; counters and state of a device once a second, not all
 * devices in the same tick; both at an edge, of the devices that it is about.
 */
export class Sampler {
  readonly #parts: SamplerParts;
  readonly #ticksPerSlow: number;
  /** Devices of which it was told that their power is impossible. */
  readonly #toldImpossible = new Set<number>();
  #ticks = 0;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
    this.#ticksPerSlow = Math.max(1, Math.round(SLOW_PERIOD_MS / parts.periodMs));
  }

  /** One look at the power, and at the counters and state of those whose turn it is. */
  tick(): void {
    this.#power();
    const { devices } = this.#parts;
    const phase = this.#ticks % this.#ticksPerSlow;
    this.#ticks += 1;
    devices.forEach((_, index) => {
      if (Math.floor(index * this.#ticksPerSlow / devices.length) !== phase) return;
      this.#counters(index, null);
      this.#state(index);
    });
  }

  /**
   * All edges after the one that was `answered`, up to this. Counters first: they are what an edge is about. The power right at
   * the edge helps to place it; where nothing but states is asked for there is nothing to place.
   */
  edge(edge: number, answered: number): void {
    const { devices, control, emit, nowNs } = this.#parts;
    const wanted = (read: EdgeReads): number[] =>
      devices.flatMap((_, index) => isWanted(control, read, index, answered) ? [index] : []);
    const counted = wanted("counters");
    for (const index of counted) this.#counters(index, edge);
    if (counted.length > 0) this.#power();
    for (const index of wanted("state")) this.#state(index);
    emit({ type: "edge", edge, t_ns: nowNs() });
  }

  #power(): void {
    const { devices } = this.#parts;
    const t_ns: number[] = [];
    const power_w: (number | null)[] = [];
    const impossible_w: (number | null)[] = [];
    devices.forEach(({ device }, index) => {
      const [tNs, power] = device.power === null
        ? [this.#parts.nowNs(), null]
        : this.#timed("power", index, (source, index) => source.powerW(index), null);
      t_ns.push(tNs);
      const isPossible = power === null || isPossiblePower(device, power);
      power_w.push(isPossible ? power : null);
      impossible_w.push(isPossible ? null : power);
      if (!isPossible) this.#tellImpossible(index, device, power, tNs);
    });
    const message: PowerMessage = { type: "power", t_ns, power_w };
    this.#parts.emit(impossible_w.every((watts) => watts === null) ? message : { ...message, impossible_w });
  }

  /** Once a device: a board that does so does so all the time. */
  #tellImpossible(index: number, { uuid }: MeterDevice, watts: number, t_ns: number): void {
    if (this.#toldImpossible.has(index)) return;
    this.#toldImpossible.add(index);
    const text = impossiblePower(uuid, watts);
    this.#parts.emit({ type: "trouble", t_ns, code: "read", device: uuid, text, remedy: null });
  }

  #counters(index: number, edge: number | null): void {
    const read = (source: MeterSource, index: number): CounterReading => source.counters(index);
    const [t_ns, counters] = this.#timed("counters", index, read, NO_COUNTERS);
    this.#parts.emit({ type: "counter", device: index, t_ns, edge, ...possibleCounter(counters) });
  }

  #state(index: number): void {
    const [t_ns, state] = this.#timed(
      "state",
      index,
      (source, index) => source.state(index),
      NO_STATE,
    );
    this.#parts.emit({ type: "state", device: index, t_ns, ...possibleState(state) });
  }

  /** The middle of the call is the time of what it brought. */
  #timed<T>(
    call: Call,
    index: number,
    read: (source: MeterSource, index: number) => T,
    otherwise: T,
  ): [number, T] {
    const { devices, control, nowNs } = this.#parts;
    const at = devices[index]?.at ?? null;
    const before = nowNs();
    if (at === null) return [before, otherwise];
    const value = inSight(control, call, index, () => read(at.source, at.index));
    return [(before + nowNs()) / 2, value];
  }
}
