/** Recordings of hardware that is not there, from curves whose joules are known on paper. */
import { gpuDevice } from "./meter_devices.ts";
import { type MeterDevice, NO_STATE } from "../../lib/meter/meter.ts";
import { PowerCurve } from "../../lib/meter/power_curve.ts";
import type { DeviceRecording, Recording, SeenProcess, StateSample } from "../../lib/meter/recording.ts";
import type { EnergyFacts } from "../../lib/results/energy/facts.ts";
import type { Phase } from "../../lib/results/phases.ts";

/** Watts at a second. */
export type Curve = (seconds: number) => number;

export const GPU = "GPU-a";
export const NS = 1e9;

export interface Sensor {
  readonly curve: Curve;
  /** Seconds that are recorded. */
  readonly until?: number;
  /** New values come this often, seconds, first at `phase`; they are read every 50 ms. */
  readonly period?: number;
  readonly phase?: number;
  readonly device?: Partial<MeterDevice>;
  /** Moments at which the counter is read besides every second. */
  readonly edges?: readonly number[];
  /** From this second on the counter keeps what it said. */
  readonly counterStops?: number;
  /** After this second the counter is not read any more. */
  readonly counterUntil?: number;
  /** What the counter tells for each true joule. */
  readonly gain?: number;
  /** Watts of readings that no board can have, from and to so many seconds: they are not in the curve. */
  readonly impossible?: { readonly watts: number; readonly from: number; readonly to: number };
  /** Stretch in which power is not read. */
  readonly hole?: readonly [number, number];
  readonly state?: (seconds: number) => Partial<StateSample>;
  readonly throttle?: (seconds: number) => Readonly<Record<string, number>>;
}

/** The integral of a curve from 0 on, in steps of a millisecond. */
export function joulesOf(curve: Curve, begin: number, end: number): number {
  let sum = 0;
  const step = 0.001;
  for (let t = begin; t < end - step / 2; t += step) sum += curve(t + step / 2) * step;
  return sum;
}

/** One board as a sampler would see it. */
export function deviceOf(sensor: Sensor): DeviceRecording {
  const { curve, until = 40, period = 0.1, phase = 0, gain = 1, edges = [], hole, impossible } = sensor;
  const device = gpuDevice({ uuid: GPU, ...sensor.device });
  const published = (t: number): number => Math.floor((t - phase) / period) * period + phase;
  const power = new PowerCurve();
  const refused = new PowerCurve();
  const isImpossible = (t: number): boolean =>
    impossible !== undefined && t >= impossible.from && t < impossible.to;
  for (let step = 0; device.power !== null && step * 0.05 <= until; step++) {
    const t = step * 0.05;
    if (hole !== undefined && t >= hole[0] && t <= hole[1]) continue;
    if (isImpossible(t)) refused.add(t * NS, impossible?.watts ?? 0);
    else power.add(t * NS, curve(published(t)));
  }
  const total: number[] = [0];
  for (let ms = 0; ms < until * 1000; ms++) total.push((total[ms] ?? 0) + curve((ms + 0.5) / 1000) / 1000);
  const counterAt = (t: number): number => total[Math.max(0, Math.round(published(t) * 1000))] ?? 0;
  const seconds = Array.from({ length: Math.floor(until) + 1 }, (_, index) => index);
  const moments = [...seconds, ...edges].toSorted((a, b) => a - b);
  return {
    device,
    power,
    ...(impossible === undefined ? {} : { impossible: refused }),
    counters: !device.counter ? [] : moments.map((t) => ({
      t_ns: t * NS,
      energy_j: t > (sensor.counterUntil ?? Infinity)
        ? null
        : 1000 + gain * counterAt(Math.min(t, sensor.counterStops ?? Infinity)),
      throttle_ns: sensor.throttle?.(t) ?? null,
    })),
    states: seconds.map((t) => ({ ...NO_STATE, t_ns: t * NS, ...sensor.state?.(t) })),
  };
}

export function processOf(change: Partial<SeenProcess> = {}): SeenProcess {
  return {
    pid: 7,
    name: "worker",
    device: GPU,
    first_ns: 0,
    last_ns: 100 * NS,
    memory_bytes: null,
    kind: "compute",
    own: true,
    ...change,
  };
}

export function energyFactsOf(
  devices: readonly DeviceRecording[],
  change: Partial<EnergyFacts> = {},
  recording: Partial<Recording> = {},
): EnergyFacts {
  return {
    attribution: "run",
    recording: {
      devices,
      processes: [processOf()],
      troubles: [],
      meter_cpu_share: 0.002,
      ...recording,
    },
    meters: ["nvml", "rapl"],
    run_devices: null,
    holds_gpu: true,
    baseline: null,
    update_period_ms: new Map([[GPU, 100]]),
    gate: null,
    ...change,
  };
}

export function phaseOf(name: string, begin: number, end: number | null): Phase {
  const ns = (seconds: number): bigint => BigInt(Math.round(seconds * NS));
  return { name, begin_ns: ns(begin), end_ns: end === null ? null : ns(end) };
}

/** A run of 30 s at 300 W, seen by a board that agrees with itself; alone on it or beside a stranger. */
export function measuredRun(
  alone = true,
): { readonly energy: EnergyFacts; readonly phases: readonly Phase[] } {
  const stranger = processOf({ own: false, pid: 8, name: "other" });
  return {
    energy: energyFactsOf(
      [deviceOf({ curve: () => 300, edges: [5, 35] })],
      {},
      { processes: alone ? [processOf()] : [processOf(), stranger] },
    ),
    phases: [phaseOf("measure", 5, 35)],
  };
}
