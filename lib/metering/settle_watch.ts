import { join } from "node:path";
import { removeIfThere } from "../base/files.ts";
import { type Point, slopeOf, trendOf } from "../base/slope.ts";
import { type Settled, SETTLED_FILE } from "../protocol/settled.ts";
import type { MeterMessage } from "../meter/sample.ts";

/** So much of the past is looked at. */
const LOOK_NS = 10_000_000_000n;
/** A new word is said so often. */
const TELL_NS = 1_000_000_000n;
/** A rise of power over that time that changes no result: watts, and a part of the mean. */
const LEAST_W = 2;
const LEAST_POWER_SHARE = 0.03;
/** Sensors tell whole degrees Celsius. */
const LEAST_C = 1.5;

/**
 * Says in a file of the run's folder whether power and temperature have settled, for a worker whose window waits for that:
 * it cannot see the meter.
 */
export class SettleWatch implements Disposable {
  readonly #path: string;
  readonly #others: ReadonlySet<number>;
  #power: Point[] = [];
  #temperature: Point[] = [];
  #firstNs: bigint | null = null;
  #toldNs = 0n;

  /** `others`: devices, by their places in the hello, that are no matter; none unless given. */
  constructor(run_dir: string, others: readonly number[] = []) {
    this.#others = new Set(others);
    this.#path = join(run_dir, SETTLED_FILE);
  }

  take(message: MeterMessage): void {
    if (message.type === "power") {
      const t_ns = BigInt(Math.round(message.t_ns[0] ?? 0));
      const own = message.power_w.filter((_, device) => !this.#others.has(device));
      const value = own.reduce<number>((sum, power_w) => sum + (power_w ?? 0), 0);
      if (own.every((power_w) => power_w === null)) return;
      this.#power.push({ t_ns, value });
      this.#tell(t_ns);
    } else if (message.type === "state" && typeof message.temperature_c === "number") {
      if (this.#others.has(message.device)) return;
      this.#temperature.push({ t_ns: BigInt(Math.round(message.t_ns)), value: message.temperature_c });
    }
  }

  /** Takes the file away. */
  [Symbol.dispose](): void {
    removeIfThere(this.#path);
  }

  #tell(nowNs: bigint): void {
    this.#firstNs ??= nowNs;
    if (nowNs - this.#toldNs < TELL_NS) return;
    this.#toldNs = nowNs;
    const fromNs = nowNs - LOOK_NS;
    this.#power = this.#power.filter(({ t_ns }) => t_ns >= fromNs);
    this.#temperature = this.#temperature.filter(({ t_ns }) => t_ns >= fromNs);
    const isLong = nowNs - this.#firstNs >= LOOK_NS;
    const isFlat = (points: readonly Point[], least: number, share: number): boolean => {
      const slope = slopeOf(points, fromNs, nowNs);
      return isLong && slope !== null && trendOf(slope, least, share) === "flat";
    };
    const settled: Settled = {
      power: isFlat(this.#power, LEAST_W, LEAST_POWER_SHARE),
      temperature: this.#temperature.length === 0 ? null : isFlat(this.#temperature, LEAST_C, 0),
    };
    try {
      Deno.writeTextFileSync(this.#path, JSON.stringify(settled));
    } catch {
      // A folder that cannot be written to is told by whoever saves a result there.
    }
  }
}
