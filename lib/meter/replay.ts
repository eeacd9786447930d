import { monotonicNs } from "../base/clock.ts";
import { traceRemedy, traceUnreadable } from "./messages.ts";
import {
  type AbsentMeter,
  type CounterReading,
  type MeterDevice,
  type MeterSource,
  NO_STATE,
  type ReportTrouble,
  type StateReading,
} from "./meter.ts";
import { type DeviceTrace, parseTrace, type Trace } from "./trace.ts";

/**
 * Plays a recorded trace (NDJSON as the meter process writes it) as if it happened now: its first sample is at the moment
 * of opening. A reading tells the last sample at or before now, as a sensor that holds its value; one period after the
 * last sample of all it tells nothing any more. Troubles are told by the first reading after their time. `clock` gives
 * nanoseconds on CLOCK_MONOTONIC.
 */
export function openReplay(
  report: ReportTrouble,
  path: string,
  clock: () => number = () => Number(monotonicNs()),
): MeterSource | AbsentMeter {
  const absent = (reason: string): AbsentMeter => ({
    meter: "replay",
    reason,
    remedy: traceRemedy(),
  });
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    return absent(traceUnreadable(error instanceof Error ? error.message : String(error)));
  }
  const trace = parseTrace(text);
  if ("damage" in trace) return absent(`${path}:${trace.line}: ${trace.damage}`);
  return new ReplaySource(trace, report, clock);
}

class ReplaySource implements MeterSource {
  readonly devices: readonly MeterDevice[];
  readonly #trace: Trace;
  readonly #report: ReportTrouble;
  readonly #clock: () => number;
  /** What to take from now to be at a time of the trace. */
  readonly #shiftNs: number;
  #told = 0;

  constructor(trace: Trace, report: ReportTrouble, clock: () => number) {
    this.devices = trace.devices.map(({ device }) => ({ ...device, meter: "replay" }));
    this.#trace = trace;
    this.#report = report;
    this.#clock = clock;
    this.#shiftNs = clock() - (trace.first_ns ?? 0);
  }

  powerW(device: number): number | null {
    return this.#last(device, "power")?.power_w ?? null;
  }

  counters(device: number): CounterReading {
    const { energy_j = null, throttle_ns = null } = this.#last(device, "counters") ?? {};
    return { energy_j, throttle_ns };
  }

  state(device: number): StateReading {
    const last = this.#last(device, "states");
    if (last === null) return NO_STATE;
    const names = Object.keys(NO_STATE) as (keyof StateReading)[];
    return { ...NO_STATE, ...Object.fromEntries(names.map((name) => [name, last[name]])) };
  }

  [Symbol.dispose](): void {}

  /** The last sample of that sort at or before now; null before the first and after the end of the trace. */
  #last<K extends "power" | "counters" | "states">(device: number, sort: K): DeviceTrace[K][number] | null {
    const nowNs = this.#clock() - this.#shiftNs;
    this.#tellTroubles(nowNs);
    const { last_ns, period_ms, devices } = this.#trace;
    if (last_ns === null || nowNs > last_ns + period_ms * 1e6) return null;
    return lastAt<DeviceTrace[K][number]>(devices[device]?.[sort] ?? [], nowNs);
  }

  #tellTroubles(nowNs: number): void {
    const { troubles } = this.#trace;
    for (
      let next = troubles[this.#told];
      next !== undefined && next.t_ns <= nowNs;
      next = troubles[this.#told]
    ) {
      const { code, device, text, remedy } = next;
      this.#told += 1;
      this.#report({ code, device, text, remedy });
    }
  }
}

/** The last of samples in order that is not later than that. */
function lastAt<T extends { readonly t_ns: number }>(samples: readonly T[], tNs: number): T | null {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.t_ns ?? Infinity) <= tNs) low = middle + 1;
    else high = middle;
  }
  return samples[low - 1] ?? null;
}
