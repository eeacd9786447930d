/** A second, less what a grid of readings may be early. */
const PERIOD_NS = 0.95e9;

/** Lets through one message of a kind a second and device, of devices that are not to be kept whole. */
export class OnceASecond {
  readonly #devices: ReadonlySet<number>;
  readonly #last = new Map<string, number>();

  /** By their places in the hello. */
  constructor(devices: readonly number[]) {
    this.#devices = new Set(devices);
  }

  /** True for a device that is kept whole, and for others once a second. */
  passes(kind: string, device: number, tNs: number): boolean {
    if (!this.#devices.has(device)) return true;
    const key = `${kind} ${device}`;
    if (tNs - (this.#last.get(key) ?? -Infinity) < PERIOD_NS) return false;
    this.#last.set(key, tNs);
    return true;
  }
}
