import type { RunInputs } from "../experiment/inputs.ts";
import type { Secret } from "../experiment/secrets.ts";
import type { Run } from "../experiment/run.ts";
import type { EngineSlot } from "../engines/slot_variables.ts";
import type { Container } from "../process/container.ts";
import type { ProcessSpec, SpawnFailure } from "../process/spawn.ts";
import type { AssignedServer } from "../protocol/assignment.ts";
import type { RunFolder } from "../results/run_folder.ts";
import type { Slo } from "../study/slo_schema.ts";

/** The limits of one attempt in seconds; null is none. */
export interface AttemptLimits {
  readonly total_s: number;
  readonly startup_s: number | null;
  readonly silence_s: number | null;
  /** For its server to become ready, which comes before all the others; left out for the engine's own. */
  readonly server_ready_s?: number;
  /** Of one request to a server, which its worker keeps; left out for none. */
  readonly request_s?: number;
  /** From the worker's result or error to its end. */
  readonly close_s: number;
  /** Between a forwarded stop signal and SIGKILL. */
  readonly grace_s: number;
}

/** One attempt to make. */
export interface AttemptRequest {
  readonly run: Run;
  /** What was taken out of the run's configuration; only its worker gets it back. Left out where there is nothing. */
  readonly secrets?: readonly Secret[];
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
  /** Absolute path of its temporary folder, which goes with it; left out where it has none. */
  readonly tmp_dir?: string;
  /** What its requests are judged by; left out where nothing is promised. */
  readonly slo?: Slo | null;
  /** The server that was started for it; left out where there is none. */
  readonly server?: AssignedServer;
  /** True where a GPU is metered for it; else left out. */
  readonly gpu_metered?: boolean;
  /** What it has of the machine; left out where runs are made one at a time. */
  readonly place?: AttemptPlace;
}

/** What an attempt has of a machine on which several are made at a time. */
export interface AttemptPlace {
  /** Counted from 0. */
  readonly slot: number;
  readonly mode: "staged" | "shared";
  /** With `shared`: whether an audit has shown that neighbours change nothing. */
  readonly shared_is?: "audited" | "unaudited";
  /** CPUs that its processes are kept to; null for all. */
  readonly cpus: readonly number[] | null;
  /** The NUMA node whose memory they take first; null where that is not one, or not known. */
  readonly numa: number | null;
  /** Variables of the slot, whatever the engine. What the study, or llem's own environment, sets goes before. */
  readonly env: Readonly<Record<string, string>>;
  /** What its engine's own variables are made of; left out where the slot has nothing of its own. */
  readonly own?: EngineSlot;
  /** Absolute path of the file that lets it be measured; null where it need not wait. */
  readonly gate: string | null;
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
    /** What the worker's hello has to say of llem; left out for a worker of the user's own. */
    readonly llem_version?: string;
  }
  | { readonly failure: SpawnFailure };

/** Knows for every backend which program to start, where and with which environment. */
export type Launcher = (request: AttemptRequest) => Launch;
