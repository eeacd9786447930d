import { PowerCurve } from "../power_curve.ts";
import { counterDiffers, counterStuck } from "./messages.ts";

/** A counter in accord with power at its first look after that time is believed. */
const FIRST_S = 1;
/** One that is not in accord by then is not: power is an average, so a rise needs time to show in it. */
const LAST_S = 5;
/** Of the energy by power; what a sensor's gain and averaging may explain. */
const [LEAST, MOST] = [0.7, 1.3];
/** Readings of power that make an integral. */
const LEAST_READINGS = 5;
/** A counter that stands still that long under power is stuck. */
const STUCK_S = 5;
/** Below that a board may be asleep. */
const AWAKE_W = 1;

/**
 * Holds a counter of energy against readings of power: in its first seconds the two must tell about the same, and later it
 * must not stand still. Counters have been seen that are constant within a process, and others that count something
 * else.
 */
export class CounterTrial {
  #curve: PowerCurve | null = new PowerCurve(1024);
  #start: { readonly tNs: number; readonly energyJ: number } | null = null;
  #moved = { tNs: 0, energyJ: -1 };
  #powerW: number | null = null;
  #why: string | null = null;

  /** Why the counter is not to be believed; null as long as it is. */
  get conviction(): string | null {
    return this.#why;
  }

  power(tNs: number, powerW: number): void {
    this.#powerW = powerW;
    if (powerW < AWAKE_W) this.#moved = { ...this.#moved, tNs };
    this.#curve?.add(tNs, powerW);
  }

  counter(tNs: number, energyJ: number): void {
    if (this.#why !== null) return;
    if (energyJ !== this.#moved.energyJ) this.#moved = { tNs, energyJ };
    this.#why = this.#standsStill(tNs) ?? this.#differs(tNs, energyJ);
  }

  /** The counter began anew: what it said before is not to be compared. */
  restart(): void {
    this.#start = null;
    this.#moved = { tNs: 0, energyJ: -1 };
  }

  #standsStill(tNs: number): string | null {
    const seconds = (tNs - this.#moved.tNs) / 1e9;
    if (this.#powerW === null || this.#powerW < AWAKE_W || seconds < STUCK_S) return null;
    return counterStuck(seconds, this.#powerW);
  }

  #differs(tNs: number, energyJ: number): string | null {
    const curve = this.#curve;
    if (curve === null || curve.firstNs === null) return null;
    this.#start ??= { tNs, energyJ };
    const seconds = (tNs - this.#start.tNs) / 1e9;
    if (seconds < FIRST_S || curve.samples < LEAST_READINGS) return null;
    const byPower = curve.energyJ(this.#start.tNs, tNs) ?? 0;
    if (byPower < AWAKE_W * seconds) return null;
    const ratio = (energyJ - this.#start.energyJ) / byPower;
    const inAccord = ratio >= LEAST && ratio <= MOST;
    if (inAccord) this.#curve = null;
    if (inAccord || seconds < LAST_S) return null;
    return counterDiffers(seconds, ratio);
  }
}
