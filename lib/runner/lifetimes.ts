import type { RunBeside } from "../results/energy/facts.ts";
import type { Run } from "../experiment/run.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunInputs } from "../experiment/inputs.ts";
import type { EnvironmentChange } from "../host/environment_changes.ts";
import type { Placed, ProcessIdentity, RunFinished } from "../journal/event.ts";
import type { Emit } from "../journal/runner_event.ts";
import type { AttemptPlace, Launcher } from "../launch/attempt_request.ts";
import type { ServerLauncher } from "../launch/server_launch.ts";
import type { MemoryGate } from "../metering/memory_gate.ts";
import type { Metering } from "../metering/metering.ts";
import type { Plan } from "../plan/plan.ts";
import type { VariedValues } from "../results/varied.ts";
import type { ContainmentMethod } from "../process/containment.ts";
import type { Guard } from "../process/guard.ts";
import type { ServerLeases } from "../servers/leases.ts";
import type { StopSwitch } from "../process/stop.ts";
import type { Suspension } from "../process/suspension.ts";
import type { QuarantinedProcess } from "../storage/device_lock.ts";
import type { Disk } from "../storage/disk.ts";
import type { AttemptGate } from "./attempt_listeners.ts";
import type { Ledger } from "./ledger.ts";
import type { Neighbours } from "./pool/neighbours.ts";

// What a run is made with, grouped by how long it lives: an attempt gets (run, study, host, slot, control).

/** A study in motion: what is to be run, and what is written down of it. */
export interface Study {
  readonly plan: Plan;
  /** The study directory. */
  readonly dir: string;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** The model and the prompts of each configuration, and what of them is not as it was when the study began. */
  readonly inputs: {
    of(config: ExperimentConfig): RunInputs;
    /** As a sentence; null where nothing is. */
    changeFor(config: ExperimentConfig): string | null;
    /** By what runs of several studies are joined; null where that is not known. */
    joinHash(config: ExperimentConfig, base_dir: string): string | null;
  };
  /** The values that tell an experiment from the others, by dotted path. */
  readonly varied: (config: ExperimentConfig) => VariedValues;
  readonly ledger: Ledger;
  readonly emit: Emit;
  /** Decides between agents that made the same run; left out where this process alone makes the runs of the study. */
  readonly ends?: RunEnds;
  /** This process among those that make the study; left out where it makes it alone. */
  readonly agent?: string;
  /** The last runs that other agents made on this machine; left out where there are none. */
  readonly elsewhere?: () => readonly RunBeside[];
}

/** The ends of the runs of a study that several agents share: each run has one. */
export interface RunEnds {
  /**
   * A run has ended for good (completed or failed, not to be retried), its result is durable: true where this is its end, false
   * where another agent's attempt is. Asked before the journal line. Throws SaveError.
   */
  take(run: Run, end: RunFinished): boolean;
  /** True where a run has its end, by whomever. */
  has(run: Run): boolean;
}

/** This machine and this program, for as long as the program runs the study. */
export interface Host {
  /** This process, as journals name it. */
  readonly owner: ProcessIdentity;
  readonly guard: Guard;
  readonly containment: ContainmentMethod;
  readonly launch: Launcher;
  /** The server that a run needs; left out where no run of the study needs one. */
  readonly serverLaunch?: ServerLauncher;
  readonly disk: Disk;
  /** What is not as it was when the study began. */
  readonly environmentChanges: () => readonly EnvironmentChange[];
}

/** Where one run at a time is made: its devices, and what is kept of them from run to run. */
export interface Slot {
  /** As the driver names them; none where the study names none. */
  readonly devices: readonly string[];
  readonly metering: Metering;
  readonly memory: MemoryGate;
  /** The server that is there from run to run; left out where no run of the study needs one. */
  readonly servers?: ServerLeases;
  /** Keeps everything from these devices while a process lives that could not be killed. */
  readonly quarantine: (by: QuarantinedProcess) => void;
  /** What the run at hand has of the pool that the slot is part of; left out where runs are made one at a time. */
  readonly pool?: PoolSlot;
}

/** How a run is made beside others. */
export interface PoolSlot {
  readonly placed: Placed;
  /** What its processes get of the machine, but for the gate. */
  readonly place: Omit<AttemptPlace, "gate">;
  /** Where it waits until it may be measured; null where nothing runs beside it. */
  readonly gate: AttemptGate | null;
  readonly neighbours: Neighbours;
  /** True where the run is made again on other boards, should these be lost. */
  readonly movesOn: () => boolean;
}

/** What can end runs from outside. */
export interface Control {
  readonly stop: StopSwitch;
  readonly suspension: Suspension;
  readonly limit: StudyLimit;
}

/** The limit of the whole study. */
export interface StudyLimit {
  /** Aborts when it has passed. */
  readonly signal: AbortSignal;
  /** Null where the study has none. */
  readonly seconds: number | null;
}
