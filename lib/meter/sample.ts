import type {
  AbsentMeter,
  CounterReading,
  LeftOutBoard,
  MeterDevice,
  MeterName,
  MeterTrouble,
  MigDevice,
  StateReading,
  UnreadPart,
} from "./meter.ts";

/**
 * What the meter process writes, one JSON object a line. Times are nanoseconds on CLOCK_MONOTONIC as plain numbers: after
 * 104 days of uptime they are exact to a few nanoseconds, which is nothing to a sensor. Devices go by their place in
 * the hello.
 */
export type MeterMessage =
  | HelloMessage
  | PowerMessage
  | CounterMessage
  | StateMessage
  | TroubleMessage
  | SelfMessage
  | EdgeMessage;

export interface HelloMessage {
  readonly type: "hello";
  readonly schema: "llem.meter/1";
  readonly pid: number;
  readonly devices: readonly MeterDevice[];
  /** The kinds of meter that are not here, and why. */
  readonly absent: readonly AbsentMeter[];
  /** Boards that their drivers count and that cannot be metered; older traces tell none. */
  readonly left_out?: readonly LeftOutBoard[];
  /** Parts of the host that cannot be metered; none where it is left out. */
  readonly unread_parts?: readonly UnreadPart[];
  /** The MIG devices that were asked for. */
  readonly mig_devices?: readonly MigDevice[];
  /** Pause between two readings of power. */
  readonly period_ms: number;
}

/** One look at the power of all devices, each with its own time. */
export interface PowerMessage {
  readonly type: "power";
  readonly t_ns: readonly number[];
  readonly power_w: readonly (number | null)[];
  /** What was read where that is no power a board can draw, null elsewhere; left out where there is nothing such. */
  readonly impossible_w?: readonly (number | null)[];
}

/** The counters of one device: at an edge that was asked for, and about once a second. */
export interface CounterMessage extends CounterReading {
  readonly type: "counter";
  readonly device: number;
  readonly t_ns: number;
  /** The number of the edge that asked for it; null for the regular one. */
  readonly edge: number | null;
}

/** The state of one device, about once a second and at edges. */
export interface StateMessage extends StateReading {
  readonly type: "state";
  readonly device: number;
  readonly t_ns: number;
}

export interface TroubleMessage extends MeterTrouble {
  readonly type: "trouble";
  readonly t_ns: number;
}

/** Everything that edges up to this number asked for has been written. */
export interface EdgeMessage {
  readonly type: "edge";
  readonly edge: number;
  readonly t_ns: number;
}

/** What the meter itself uses. */
export interface SelfMessage {
  readonly type: "self";
  readonly t_ns: number;
  /** CPU time of all its threads since its start. */
  readonly cpu_s: number;
  readonly rss_bytes: number;
}

/** What the meter process is to do. */
export interface MeterOptions {
  readonly meters: readonly MeterName[];
  readonly period_ms: number;
  /** Names of MIG devices whose boards are to be found; none unless given. */
  readonly mig_devices?: readonly string[];
  /** How long one reading may take before it counts as hung; the usual time unless given. */
  readonly call_limit_ms?: number;
  /** The same for the opening of one kind of meter. */
  readonly open_limit_ms?: number;
}
