import type { AbsentMeter, LeftOutBoard, MeterName, MigDevice, UnreadPart } from "../../meter/meter.ts";
import type { Recording } from "../../meter/recording.ts";

/**
 * Why a run that a server did has no energy, for programs:
 * - server_elsewhere: the server is not on this machine, or only a tunnel to it is
 * - server_unseen: it is on this machine, and nothing tells which boards it uses
 */
export type NoEnergyCode = "server_elsewhere" | "server_unseen";

/** What the runner hands over for the energy of one attempt. */
export interface EnergyFacts {
  /** `run`: the number is to be that of one run, alone on its boards. `machine`: what the machine drew, whoever made it. */
  readonly attribution: "run" | "machine";
  readonly recording: Recording;
  /** The kinds of meter that the run's `energy.backend` admits. */
  readonly meters: readonly MeterName[];
  /** The uuids of the GPUs that the run may use; null: every GPU. A name that stands for no GPU stays as it is. */
  readonly run_devices: readonly string[] | null;
  /** GPUs that could not be opened; none where it is left out. */
  readonly left_out?: readonly LeftOutBoard[];
  /** CPU packages and memory that cannot be read; none where it is left out. */
  readonly unread_parts?: readonly UnreadPart[];
  /** The kinds of meter that are not here, and why; none where it is left out. */
  readonly absent?: readonly AbsentMeter[];
  /** What the driver said of the MIG devices of the run; none where it is left out. */
  readonly mig_devices?: readonly MigDevice[];
  /** False where the backend is known to use no GPU. */
  readonly holds_gpu: boolean;
  /** What the devices drew before any worker was there; null where nobody looked. */
  readonly baseline: BaselineFacts | null;
  /** By uuid, from the board's calibration. */
  readonly update_period_ms: ReadonlyMap<string, number>;
  readonly gate: ThermalGateFacts | null;
  /** The server that did the work; left out where the run's worker computes itself. */
  readonly server?: ServerWork;
  /** Runs of the same study that were there at some time of it, in the order of their coming; left out where runs are made one at a time, by one agent. */
  readonly beside?: readonly RunBeside[];
  /** True where measured windows of several runs overlap and no audit has shown that this changes nothing; else left out. */
  readonly shared_unaudited?: true;
}

/** A run that was there, on boards of its own, at some time of another. Nanoseconds on CLOCK_MONOTONIC. */
export interface RunBeside {
  /** Empty for a server, which starts or waits for its next run. */
  readonly run_id: string;
  /** The other agent that made it; left out where this llem did. */
  readonly agent?: string;
  readonly devices: readonly string[];
  readonly begin_ns: number;
  readonly end_ns: number;
}

/**
 * A server that does a run's work, on this machine:
 * - managed: llem started it, so its processes are the run's
 * - beside: it was there before; what is known of it is who listens on its port
 */
export type ServerWork =
  | {
    readonly kind: "managed";
    /** Boards whose memory in use rose while it started, by so many MiB; null where not every board told. */
    readonly grown: readonly { readonly uuid: string; readonly mib: number }[] | null;
  }
  | {
    readonly kind: "beside";
    readonly port: number;
    /** Who listens there; none where nobody can be seen. */
    readonly holders: readonly { readonly pid: number; readonly name: string | null }[];
    /** True where the study names its boards. */
    readonly named: boolean;
  };

export interface BaselineFacts {
  /** By uuid, host devices (`package-0`, `dram-0`) too. */
  readonly devices: Readonly<Record<string, BareLevel>>;
  /** Why some or all are missing; null where none is. */
  readonly reason: string | null;
}

/** What a device drew without any worker. */
export interface BareLevel {
  readonly power_w: number;
  /** The standard deviation of the readings; null where only a counter told. */
  readonly sd_w: number | null;
  readonly seconds: number;
  /** UTC, ISO 8601. */
  readonly taken_at: string;
  /** How old it was when the attempt began. */
  readonly age_s: number;
  readonly source: "fresh" | "cached";
  readonly temperature_c: number | null;
}

/** The wait for a temperature before the work. */
export interface ThermalGateFacts {
  readonly waited_s: number;
  readonly reference_c: number | null;
  readonly reached: boolean;
  /**
   * What let a run through that had neighbours: its boards were back near the reference, or cooled no further, or the longest
   * wait was over. Left out of runs without neighbours, where only the first counts as reached.
   */
  readonly by?: "reference" | "slope" | "limit";
}
