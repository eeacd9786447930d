/**
 * lib/engines owns what an engine needs and does outside its worker: one folder each, one table in engines.ts. It starts
 * no worker and knows no study; what an engine adds to the configuration stands in lib/experiment/engines/.
 */
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunError } from "../experiment/outcome.ts";
import type { SelfProgram } from "../host/self_program.ts";
import type { ProcessSpec, SpawnFailure } from "../process/spawn.ts";
import type { PythonNeeds } from "../python/python_needs.ts";
import type { FailureRule } from "./failure_rule.ts";
import type { EngineSlot, SlotVariables } from "./slot_variables.ts";
import type { ServerWish } from "./server_wish.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Everything that the rest of llem asks of an engine. */
export interface Engine {
  readonly worker: EngineWorker;
  /** Which GPUs a run holds, as far as that is known before it begins. */
  gpus(config: ExperimentConfig, host: GpuHost): GpuUse;
  /** True where the worker of a run loads, says so, and waits until it may be measured. */
  waitsForGate(config: ExperimentConfig): boolean;
  /** Variables that libraries of the engine read and that would change or break runs of any engine unasked. */
  readonly dropped_variables: readonly string[];
  /** The server that llem is to start for a run; null where it needs none. Left out where no run of the engine does. */
  server?(config: ExperimentConfig): ServerWish | null;
  /**
   * Variables that keep its runs apart from those of other slots: ports, caches, threads. Left out where what every run of a slot
   * gets is enough.
   */
  slot_variables?(config: ExperimentConfig, slot: EngineSlot): SlotVariables;
  /** The same of the server that llem starts for a run. */
  server_slot_variables?(config: ExperimentConfig, slot: EngineSlot): SlotVariables;
  /** What to say where a run of it fails. */
  readonly failures: FailureHints;
}

/** Where runs are made, as far as their GPUs are concerned. */
export interface GpuHost {
  readonly env: Env;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** Whether this machine has a GPU that an engine could hold. */
  readonly has_gpu: boolean;
}

/** The GPUs of a run. `unknown` is that of a worker which only its author knows, or of a server. */
export type GpuUse =
  | { readonly kind: "none" | "unknown" }
  | {
    readonly kind: "some";
    /** How many of those that the run can see; null is all of them. */
    readonly count: number | null;
  };

/** A worker that can be started. */
export type EngineWorker = LocalWorker | PythonWorker;

interface AnyWorker {
  /** How a worker is started on this machine. */
  launch(request: WorkerRequest): WorkerLaunch;
  /** Whether runs of the engine can be made here, for a study that says nothing of its own, in a folder for results. */
  check(
    env: Readonly<Record<string, string>>,
    results: string,
    startServer: StartServer,
  ): Promise<EngineCheck>;
  /** What keeps these configurations, all of this engine, from running here, as far as files tell: a sentence each. */
  obstacles(configs: readonly ExperimentConfig[], place: WorkPlace): string[];
  /** The same from a trial: it may start a process that loads the engine, and includes what the files tell. */
  tryOut(configs: readonly ExperimentConfig[], place: WorkPlace): Promise<string[]>;
  /** The obstacles, after one short look that goes beyond files; left out where files tell all that can be told so. */
  foresee?(configs: readonly ExperimentConfig[], place: WorkPlace): Promise<string[]>;
  /**
   * What a user should know of runs that can be made here, a sentence each; left out where there is nothing. It may ask
   * servers that the study names, for a few seconds in all.
   */
  advice?(
    configs: readonly ExperimentConfig[],
    place: WorkPlace,
    has_gpu: boolean,
  ): readonly string[] | Promise<readonly string[]>;
}

/** Where runs are to be made. */
export interface WorkPlace {
  readonly env: Readonly<Record<string, string>>;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** Where llem was started. */
  readonly cwd: string;
  /** Absolute folder of the results, which need not exist yet; null where it is not known. */
  readonly results: string | null;
  /** Ends the wait for a process. */
  readonly signal?: AbortSignal;
}

/** A worker that no container of ours can hold: this program once more, or a program of the user's. */
export interface LocalWorker extends AnyWorker {
  readonly kind: "this_program" | "user_program";
  /** What to do instead of `docker` in `runners`, as a sentence. */
  readonly instead_of_container: string;
  /** Files of this machine that make the worker what it is, absolute; left out where llem itself is the worker. */
  readonly files?: (request: Pick<WorkerRequest, "config" | "base_dir" | "env">) => string[];
}

/** A worker that an interpreter of Python runs, on this machine or in a container. */
export interface PythonWorker extends AnyWorker {
  readonly kind: "python";
  readonly python: PythonNeeds;
  /** The image where `runners` says plain `docker`: one that anybody can pull, with Python 3.10 or newer and the engine. */
  readonly image: string;
  /** Names of variables that the engine reads, for the environment of a container. */
  readonly passed_variables: RegExp;
}

/** One run to start a worker for. */
export interface WorkerRequest {
  readonly config: ExperimentConfig;
  /** Absolute folder of the run. */
  readonly run_dir: string;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** The environment of the run, to which the engine may add. */
  readonly env: Readonly<Record<string, string>>;
  /** Where llem was started. */
  readonly cwd: string;
  /** This program, as the study pinned it. */
  readonly self: SelfProgram;
  /** Main module of the Python worker; null where no run of the study needs it. */
  readonly python_main: string | null;
}

/** What to start, or why that is not possible. */
export type WorkerLaunch =
  | { readonly kind: "process"; readonly spec: ProcessSpec }
  | { readonly kind: "failed"; readonly failure: SpawnFailure };

/** Starts a server that computes nothing and stamps what it writes, to try a client on. Throws where it does not start. */
export type StartServer = () => Promise<TrialServer>;

/** It ends when it is disposed. */
export interface TrialServer extends AsyncDisposable {
  /** With `/v1`. */
  readonly base_url: string;
}

/** What came of looking whether an engine runs here. */
export interface EngineCheck {
  /** `missing` is not here and can be done without; `broken` keeps its studies from being run. */
  readonly status: "ok" | "warning" | "missing" | "broken";
  readonly detail: string;
  /** What to do, with the command where there is one; null where there is nothing to do. */
  readonly remedy: string | null;
  /** What was measured, for scripts; left out where nothing was. */
  readonly figures?: Readonly<Record<string, number | null>>;
}

/** What is known of an engine's failures beyond what any program may print. */
export interface FailureHints {
  /** What makes a run need less memory on its device: a clause that begins with a verb. */
  readonly less_memory: string;
  /** True for an error of its worker whose message ends with what to do. */
  explainsItself(error: Pick<RunError, "type" | "message">): boolean;
  /** Fields of the section that remedies name, by dotted path; left out where the engine has none. */
  readonly options: {
    /** Lets code run that comes with a model. */
    readonly remote_code?: string;
    /** Names the implementation of attention. */
    readonly attention?: string;
  };
  /** What its libraries print where a GPU's memory is full; a worker of the user's own may run them, too. */
  readonly gpu_memory_rules: readonly FailureRule[];
  /** What stands at the end of the log where its libraries hang; left out where nothing tells. */
  readonly stalling_rules?: readonly FailureRule[];
}
