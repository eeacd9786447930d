import type { CounterReading, GpuProcess, MeterDevice, MeterTrouble, StateReading } from "./meter.ts";
import type { PowerCurve } from "./power_curve.ts";

/** Counters at a moment. */
export interface CounterSample extends CounterReading {
  readonly t_ns: number;
}

/** A state at a moment. */
export interface StateSample extends StateReading {
  readonly t_ns: number;
}

/** What was seen of one device. All lists are in the order of time. */
export interface DeviceRecording {
  readonly device: MeterDevice;
  readonly power: PowerCurve;
  /** Readings that are no power a board can draw, which are not in `power`; none where it is left out. */
  readonly impossible?: PowerCurve;
  readonly counters: readonly CounterSample[];
  readonly states: readonly StateSample[];
}

/** A process that used a GPU while it was watched. */
export interface SeenProcess {
  readonly pid: number;
  /** Null where it could not be read. */
  readonly name: string | null;
  /** The uuid of the GPU. */
  readonly device: string;
  readonly first_ns: number;
  readonly last_ns: number;
  readonly memory_bytes: number | null;
  /** What it was seen to do; computing, where it did more than one thing. */
  readonly kind: GpuProcess["kind"];
  /** True for a process of the watched work itself; `assumed` where that could only be told by when it came and went. */
  readonly own: boolean | "assumed";
  /** The other run of the same study that it belongs to; left out where it is of none. */
  readonly run_id?: string;
}

/** What the meter saw in a stretch of time. */
export interface Recording {
  readonly devices: readonly DeviceRecording[];
  readonly processes: readonly SeenProcess[];
  readonly troubles: readonly MeterTrouble[];
  /** The meter's own share of one CPU core in that time; null where it is too short to tell. */
  readonly meter_cpu_share: number | null;
}
