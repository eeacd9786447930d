import type { RunInputs } from "../experiment/inputs.ts";
import type { Run } from "../experiment/run.ts";
import type { Container } from "../process/container.ts";
import type { ContainmentMethod } from "../process/containment.ts";
import type { Guard } from "../process/guard.ts";
import type { ChildProcess, ProcessSpec, SpawnFailure } from "../process/spawn.ts";
import type { Frame } from "../protocol/frame.ts";
import type { RunFolder } from "../results/run_folder.ts";
import type { AttemptView } from "./attempt_view.ts";
import type { MemoryGate } from "./memory_gate.ts";
import type { Metering } from "./metering.ts";
import type { StopSwitch } from "./stop.ts";
import type { Suspension } from "./suspension.ts";

/** The limits of one attempt in seconds; null is none. */
export interface AttemptLimits {
  readonly total_s: number;
  readonly startup_s: number | null;
  readonly silence_s: number | null;
  /** Between a forwarded stop signal and SIGKILL. */
  readonly grace_s: number;
}

/** One attempt to make. */
export interface AttemptRequest {
  readonly run: Run;
  readonly run_id: string;
  /** 1-based. */
  readonly attempt: number;
  readonly limits: AttemptLimits;
  readonly devices: readonly string[];
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** Absolute folder of the study directory: the path of the prompts starts here. */
  readonly study_dir: string;
  readonly inputs: RunInputs;
  readonly folder: RunFolder;
}

/** How to start the worker of a run, or why that is not possible. */
export type Launch =
  | {
    readonly spec: ProcessSpec;
    /**
     * What the program runs the worker in; it is removed before the attempt is over. None for a worker of
     * this machine.
     */
    readonly container?: Container;
  }
  | { readonly failure: SpawnFailure };

/** What an attempt needs from its surroundings. */
export interface AttemptDeps {
  readonly launch: (request: AttemptRequest) => Launch;
  readonly guard: Guard;
  readonly containment: ContainmentMethod;
  readonly memory: MemoryGate;
  readonly metering: Metering;
  readonly stop: StopSwitch;
  readonly suspension: Suspension;
  /** Aborts when the limit of the whole study has passed. */
  readonly study_limit: { readonly signal: AbortSignal; readonly seconds: number };
  /** The worker exists and is guarded, its assignment not yet sent; null where it could not be started. */
  readonly onStarted: (child: ChildProcess | null) => void;
  readonly onFrame: (frame: Frame, view: AttemptView) => void;
}
