/**
 * lib/meter owns the metering of energy: the sources (NVML, AMD, RAPL, a recorded trace), the process that samples
 * them, and what a stretch of samples says. It knows no study, no run and no worker; whoever wants a window measured
 * names it by its edges on CLOCK_MONOTONIC.
 *
 * This file holds the words that sources, sampler and readers share.
 */
import type { JsonObject } from "../base/json.ts";

/** Where readings come from. */
export const METERS = ["nvml", "amd", "rapl", "replay"] as const;
export type MeterName = typeof METERS[number];

/** A part of the machine whose energy can be metered: a GPU board, a CPU package, the memory of a socket. */
export interface MeterDevice {
  /** Stands for it everywhere: `GPU-...` (NVML), the PCI address (AMD), `package-0`, `dram-0` (RAPL). */
  readonly uuid: string;
  readonly name: string;
  readonly kind: "gpu" | "cpu" | "dram";
  readonly meter: MeterName;
  /**
   * What a reading of power is: the draw of the last few milliseconds (`instant`), an average over the last second
   * (`average_1s`), an average over a time that nobody tells (`average`); null where power cannot be read.
   */
  readonly power: "instant" | "average_1s" | "average" | null;
  /** True where a counter of energy can be read. */
  readonly counter: boolean;
  /** A board that is cut into instances tells the whole board's energy. Null where it cannot be cut. */
  readonly mig: { readonly enabled: boolean } | null;
  /** What cannot be read here, and why, by what it is: `{ memory_temperature: "not supported" }`. */
  readonly absent: Readonly<Record<string, string>>;
  /** What numbers depend on and does not change while it is metered: driver, VBIOS, limits, ECC, bus address ... */
  readonly facts: JsonObject;
}

/** Why a GPU ran slower than asked, as cumulative counters tell. */
export const THROTTLE_CAUSES = [
  "sw_power_cap",
  "sync_boost",
  "board_limit",
  "low_utilization",
  "reliability",
  "thermal",
  "sw_thermal",
  "hw_thermal",
  "hw_power_brake",
] as const;
export type ThrottleCause = typeof THROTTLE_CAUSES[number];

/** Counters of one device that only ever grow while it is metered (a source unwraps them). */
export interface CounterReading {
  /** Joules since some moment; only differences mean something. Null where it cannot be told. */
  readonly energy_j: number | null;
  /** Nanoseconds by cause, for the causes this board counts; null where it counts none. */
  readonly throttle_ns: Readonly<Partial<Record<ThrottleCause, number>>> | null;
}

/** A process on a GPU. NVML tells the host's ids, also inside a container. */
export interface GpuProcess {
  readonly pid: number;
  /** Null where the driver does not tell. */
  readonly memory_bytes: number | null;
  readonly kind: "compute" | "graphics" | "mps";
}

/** How a device stands; null is what cannot be told. */
export interface StateReading {
  readonly temperature_c: number | null;
  readonly memory_temperature_c: number | null;
  readonly sm_clock_mhz: number | null;
  readonly memory_clock_mhz: number | null;
  /** NVML's bitmask of clock event reasons. */
  readonly event_reasons: number | null;
  readonly memory_used_bytes: number | null;
  readonly memory_total_bytes: number | null;
  readonly utilization_pct: number | null;
  /** The limit in force. */
  readonly power_limit_w: number | null;
  readonly processes: readonly GpuProcess[] | null;
}

/** Nothing is known. */
export const NO_STATE: StateReading = {
  temperature_c: null,
  memory_temperature_c: null,
  sm_clock_mhz: null,
  memory_clock_mhz: null,
  event_reasons: null,
  memory_used_bytes: null,
  memory_total_bytes: null,
  utilization_pct: null,
  power_limit_w: null,
  processes: null,
};

/** What went wrong while metering. */
export interface MeterTrouble {
  /**
   * `lost`: the device is gone, or wants a reset: nothing on it is to be believed any more. `permission`: reading
   * needs a right we do not have. `read`: a reading failed that worked before. `reset`: a counter began anew.
   * `hung`: a call does not return. `ended`: the meter itself is gone.
   */
  readonly code: "lost" | "permission" | "read" | "reset" | "hung" | "ended";
  /** The device's uuid; null where it concerns all. */
  readonly device: string | null;
  readonly text: string;
  readonly remedy: string | null;
}

/** A board that its driver counts and that cannot be metered. */
export interface LeftOutBoard {
  readonly meter: MeterName;
  /** The driver's own number of it, as nvidia-smi counts. */
  readonly index: number;
  /** Null where the driver does not tell even that. */
  readonly uuid: string | null;
  /** `lost`: nobody can use it. `permission`: we may not. `read`: the driver fails to tell of it. */
  readonly code: "lost" | "permission" | "read";
  /** Ends a sentence. */
  readonly reason: string;
  readonly remedy: string | null;
}

/** A CPU package, or the memory of a socket, that this machine has and whose energy cannot be read. */
export interface UnreadPart {
  /** `package-1`, `dram-0`; where even that is not known, the name of its folder. */
  readonly uuid: string;
  readonly kind: "cpu" | "dram";
  readonly meter: MeterName;
  /** Ends a sentence. */
  readonly reason: string;
}

/** What the driver says whose slice a MIG device is. */
export interface MigDevice {
  /** `MIG-...`, as it was asked for. */
  readonly name: string;
  /** The uuid of its board; null where the driver does not tell. */
  readonly board: string | null;
  /** Why it does not; null where it does. */
  readonly reason: string | null;
  /** True where the driver says that there is no such device; left out where it does not. */
  readonly absent?: boolean;
}

/** Hears of trouble as it happens. A source tells of lasting trouble once, not at every reading. */
export type ReportTrouble = (trouble: MeterTrouble) => void;

/**
 * Devices of one kind of meter, opened. Every read is synchronous and may block as long as its driver does: sources live in
 * the sampling thread, where a hung call holds up nobody else. A read never throws; it tells trouble and
 * returns null.
 */
export interface MeterSource extends Disposable {
  readonly devices: readonly MeterDevice[];
  /** Boards that could not be opened. */
  readonly left_out?: readonly LeftOutBoard[];
  /** Parts of the host that could not be opened. */
  readonly unread_parts?: readonly UnreadPart[];
  /** The MIG devices that were asked for. */
  readonly mig_devices?: readonly MigDevice[];
  /** Watts of the device at that place in `devices`; null where that cannot be told now. */
  powerW(device: number): number | null;
  counters(device: number): CounterReading;
  state(device: number): StateReading;
}

/** Why a kind of meter is not there, and what would bring it. */
export interface AbsentMeter {
  readonly meter: MeterName;
  readonly reason: string;
  /** A sentence, with the command where there is one; null where nothing helps (no such hardware). */
  readonly remedy: string | null;
  /** Boards that could not be opened, where there is none that could. */
  readonly left_out?: readonly LeftOutBoard[];
}

/** What the opening of a meter is told. */
export interface OpenWish {
  /** Devices by uuid that hang: of them nothing is read. */
  readonly avoid: readonly string[];
  /** Names of MIG devices whose boards are to be found. */
  readonly mig_devices: readonly string[];
  /** What is known of boards from an earlier opening: uuids by the driver's number. */
  readonly known: ReadonlyMap<number, string>;
}

/** An opening that is told nothing. */
export const NO_WISH: OpenWish = { avoid: [], mig_devices: [], known: new Map() };

/** Opens a kind of meter. Never throws. A source may have devices and still miss others, which it tells as trouble. */
export type OpenSource = (report: ReportTrouble) => MeterSource | AbsentMeter;

/** Tells an opened source from an absent one. */
export function isAbsent(opened: MeterSource | AbsentMeter): opened is AbsentMeter {
  return "reason" in opened;
}
