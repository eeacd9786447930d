/**
 * lib/results owns what a study leaves behind: the record of one attempt, its statistics, the summary over cycles
 * and their places on disk. It starts nothing and decides no outcome.
 */
import { LLEM_VERSION } from "../base/version.ts";
import type { EnvironmentChange } from "../host/environment_changes.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { type Load, loadOf } from "../experiment/load.ts";
import type { Image, RunInputs } from "../experiment/inputs.ts";
import type { Measurement, Outcome } from "../experiment/outcome.ts";
import type { ContentionRecord } from "./contention/record.ts";
import type { StartupEnergy } from "./energy/server_start.ts";
import { energyOf, type EnergyOutcome } from "./energy/energy.ts";
import { otherBoardsW } from "./energy/beside.ts";
import { holderWarnings } from "./energy/holders.ts";
import type { NoBoards } from "./energy/boards.ts";
import type { EnergyFacts, NoEnergyCode } from "./energy/facts.ts";
import type { EnergyRecord } from "./energy/record.ts";
import { stretchesOf } from "./energy/window.ts";
import type { SloTally, SloVerdict } from "./goodput.ts";
import { type Phase, unionSeconds, unionWindows } from "./phases.ts";
import { type RecordConfig, recordConfig } from "./record_config.ts";
import { type RecordPhase, recordPhases } from "./record_phases.ts";
import type { RequestCounts, RequestSamples, UntoldItl } from "./request_tally.ts";
import {
  type Latency,
  type RecordRequests,
  runNumbers,
  type Throughput,
  windowCounts,
} from "./run_numbers.ts";
import { withoutTokenIds } from "./token_ids.ts";
import type { VariedValues } from "./varied.ts";
import type { RecordWarning } from "./warning.ts";

export type { RecordWarning } from "./warning.ts";

/** Which attempt a record is about. */
export interface RecordRun {
  readonly run_id: string;
  readonly index: number;
  readonly config_hash: string;
  /** By what runs of several studies are joined; null where that is not known, absent in records of earlier versions. */
  readonly join_hash?: string | null;
  readonly cycle: number;
  readonly attempt: number;
  /** Who of several agents made it, which names its node; left out where one llem makes the study. */
  readonly agent?: string;
  readonly devices: readonly string[];
  /** What held its processes together: a process group, a control group or a pid namespace. */
  readonly containment: "group" | "cgroup" | "pidns";
  /** Who ran beside it; null where runs are made one at a time, absent in records of earlier versions. */
  readonly parallel?: RecordParallel | null;
}

/** How a run shared its machine with others of its study. */
export interface RecordParallel {
  readonly mode: "staged" | "shared";
  /** With `shared`: whether an audit had shown that neighbours change nothing; left out with `staged`. */
  readonly shared_is?: "audited" | "unaudited";
  /** Counted from 0. */
  readonly slot: number;
  /** CPUs that its processes may use, as the kernel writes lists (`0-7,16`); null where they are not kept to any. */
  readonly cpus: string | null;
  /** The NUMA node of its devices; null where that is not one, or not known. */
  readonly numa: number | null;
  /** Runs that were there at some time of it. */
  readonly beside: readonly RecordNeighbour[];
  /** Mean power of the other boards of the machine in its measured window; null where that is not metered. */
  readonly other_boards_w: number | null;
}

/** A run that was there at some time of another. */
export interface RecordNeighbour {
  readonly run_id: string;
  readonly devices: readonly string[];
  /** Both were there. */
  readonly overlap_s: number;
  /** It was there, and in its own measured window, while this run was measured. */
  readonly measure_overlap_s: number;
}

/** Where the worker was started. */
export interface RecordLauncher {
  readonly type: "local" | "docker";
  /** The image as the study names it, and the id of what was run; null for a worker of this machine. */
  readonly image: string | null;
  readonly image_id: string | null;
  /** By what its registry gives the same once more; left out where it came from none, and by earlier versions. */
  readonly image_digest?: string;
}

export const LOCAL_LAUNCHER: RecordLauncher = { type: "local", image: null, image_id: null };

/** The server that was started for a run. Its instance is what statistics count: runs of one share its luck. */
export interface RecordServer {
  readonly instance: string;
  /** As the study names it. */
  readonly kind: string;
  readonly lifetime: "run" | "group";
  /** Its places filled in. */
  readonly argv: readonly string[];
  /** Names of the variables that the study sets or passes. */
  readonly env: readonly string[];
  /** What its container was made of; null for a program of this machine. */
  readonly image: Image | null;
  /** As the server tells it; null where it does not. */
  readonly version: string | null;
  /** From its spawn to the answer that proved it. */
  readonly startup_s: number;
  /**
   * What was drawn in that time, told with the first run of an instance; else null, and the reason says why. Left out by
   * earlier versions, as are the next two.
   */
  readonly startup_energy_j?: number | null;
  readonly startup_energy?: StartupEnergy | null;
  readonly startup_energy_reason?: string | null;
  /** Since then, when the run began. */
  readonly age_s: number;
  /** 1 for the first run of an instance. */
  readonly position: number;
}

/** Who did the work, from the worker's hello. */
export interface RecordWorker {
  readonly backend: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly devices: readonly string[];
  readonly pid: number;
}

/** The study of a run, so that a record that was copied out of its directory still says where it is from. */
export interface RecordStudy {
  readonly name: string | null;
  /** The name of the study directory. */
  readonly id: string;
  readonly study_design_hash: string;
}

/** UTC, ISO 8601. */
export interface RecordWindow {
  readonly started_at: string;
  readonly ended_at: string;
}

/** Both clocks at one moment. */
export interface ClockPair {
  /** Milliseconds since 1970, UTC. */
  readonly utc_ms: number;
  /** Nanoseconds on CLOCK_MONOTONIC. */
  readonly monotonic_ns: bigint;
}

/** Wall times of an attempt. A part that was never reached is null. */
export interface RecordTiming {
  /** UTC, ISO 8601. */
  readonly started_at: string;
  readonly ended_at: string;
  /** From spawn to the worker's hello. */
  readonly startup_s: number | null;
  /** From hello to the result or error frame (or the end). */
  readonly run_s: number | null;
  /** From the result or error frame until nothing of the attempt is left. */
  readonly teardown_s: number | null;
  /** From spawn until nothing of the attempt is left. */
  readonly duration_s: number;
}

/** result.json, one per attempt, whatever its outcome. */
export interface ResultRecord {
  readonly schema: "llem.result/1";
  readonly run: RecordRun;
  readonly outcome: Outcome;
  /** What of the configuration this run reads. */
  readonly config: RecordConfig;
  /** The study that the run belongs to; absent in records of earlier versions, as are the next three. */
  readonly study?: RecordStudy | null;
  /** The values that tell its experiment from the others of the study, by dotted path. */
  readonly varied?: VariedValues;
  readonly load?: Load;
  /** The name of the machine. */
  readonly host?: string | null;
  /** The model and the prompts it was run on. */
  readonly inputs: RunInputs;
  readonly runner: RecordLauncher;
  /** Left out where llem had started no server for it. */
  readonly server?: RecordServer;
  readonly worker: RecordWorker | null;
  readonly measurement: Measurement | null;
  /** Of the requests that succeeded. */
  readonly latency: Latency | null;
  readonly throughput: Throughput | null;
  /** Left out where the worker does not tell which requests failed, and by earlier versions. */
  readonly requests?: RecordRequests;
  /** Whether the run kept the `slo` of its study, which may be changed later; left out where it had none. */
  readonly slo?: SloVerdict;
  /** From the first measured window to the end of the last, by the wall clock; absent in records of earlier versions. */
  readonly window?: RecordWindow | null;
  readonly phases: readonly RecordPhase[];
  readonly energy: EnergyRecord | null;
  /** Why there is no energy; null where there is. */
  readonly energy_reason: string | null;
  /** The same for programs, where a server did the work; left out where there is none. */
  readonly energy_reason_code?: NoEnergyCode;
  /** Whether other work on the machine slowed the run down; left out by earlier versions, and where nobody looked. */
  readonly contention?: ContentionRecord;
  readonly timing: RecordTiming;
  readonly warnings: readonly RecordWarning[];
  /**
   * The end of worker.log, or of its server's log, of an attempt that did not complete: at most 40 lines of at most 500 characters, control
   * characters as the worker sent them, bytes that are no UTF-8 as U+FFFD. Empty where it completed or logged nothing.
   */
  readonly log_tail: readonly string[];
  /** The file that `log_tail` is the end of, relative to the study directory; left out where it is the run's worker.log. */
  readonly log_file?: string;
  /** What numbers depend on and is not as it was when the study began: governor, limits, driver ... */
  readonly environment_changes: readonly EnvironmentChange[];
  readonly llem_version: string;
  /** When its numbers were last computed again from its requests, and by which version; left out where they never were. */
  readonly reanalysed?: { readonly at: string; readonly llem_version: string };
}

/** What the runner saw of an attempt, from which the record is made. */
export interface AttemptFacts {
  readonly run: RecordRun;
  readonly config: ExperimentConfig;
  readonly inputs: RunInputs;
  readonly runner: RecordLauncher;
  /** Left out where llem had started none for it. */
  readonly server?: RecordServer;
  readonly outcome: Outcome;
  readonly worker: RecordWorker | null;
  readonly measurement: Measurement | null;
  readonly samples: RequestSamples;
  /** Null, or left out, where the worker does not tell which requests failed. */
  readonly requests?: RequestCounts | null;
  /** Null, or left out, where the study makes no promise. */
  readonly slo?: SloTally | null;
  /** Null, or left out, where every request tells the times between its tokens. */
  readonly itl_untold?: UntoldItl | null;
  readonly phases: readonly Phase[];
  /** Those of them that no line of requests.jsonl tells; left out where none does. */
  readonly phases_left?: readonly Phase[];
  readonly timing: RecordTiming;
  readonly warnings: readonly RecordWarning[];
  readonly log_tail: readonly string[];
  /** The file that `log_tail` is the end of, relative to the study directory; left out where it is the run's worker.log. */
  readonly log_file?: string;
  /** What the meter saw, or why there is nothing. */
  readonly energy: EnergyFacts | NoBoards;
  /** Left out in tests that are not about them, as are the next three. */
  readonly study?: RecordStudy;
  readonly varied?: VariedValues;
  readonly host?: string;
  readonly clocks?: ClockPair;
  /** Left out where nobody looked. */
  readonly contention?: ContentionRecord;
  /** Left out where nobody looked. */
  readonly environment_changes?: readonly EnvironmentChange[];
}

/** Puts a record together. Pure: the same facts give the same record. */
export function makeRecord(facts: AttemptFacts): ResultRecord {
  const energy = outcomeOfEnergy(facts);
  const numbers = runNumbers(
    {
      samples: facts.samples,
      counts: facts.requests ?? null,
      slo: facts.slo ?? null,
      itl_untold: facts.itl_untold ?? null,
    },
    facts.measurement,
    {
      window_s: unionSeconds(facts.phases, "measure"),
      headline_j: "reason" in energy ? null : energy.energy.headline_j,
    },
  );
  return {
    schema: "llem.result/1",
    run: runOf(facts),
    study: facts.study ?? null,
    outcome: facts.outcome,
    varied: facts.varied ?? {},
    config: recordConfig(facts.config),
    load: loadOfRun(facts),
    host: facts.host ?? null,
    inputs: facts.inputs,
    runner: facts.runner,
    ...(facts.server === undefined ? {} : { server: facts.server }),
    worker: facts.worker,
    measurement: facts.measurement === null ? null : withoutTokenIds(facts.measurement),
    ...numbers,
    window: windowOf(facts),
    phases: recordPhases(facts.phases, facts.phases_left),
    energy: "reason" in energy ? null : energy.energy,
    energy_reason: "reason" in energy ? energy.reason : null,
    ...("code" in energy && energy.code !== undefined ? { energy_reason_code: energy.code } : {}),
    ...(facts.contention === undefined ? {} : { contention: facts.contention }),
    timing: facts.timing,
    warnings: [
      ...facts.warnings,
      ...("reason" in facts.energy ? [] : holderWarnings(facts.outcome, facts.energy)),
      ...("reason" in energy ? [] : energy.warnings),
    ],
    log_tail: facts.log_tail,
    ...(facts.log_file === undefined ? {} : { log_file: facts.log_file }),
    environment_changes: facts.environment_changes ?? [],
    llem_version: LLEM_VERSION,
  };
}

/** What its neighbours drew, and whether an audit stands behind it, is known by the metering. */
function runOf({ run, energy, phases }: AttemptFacts): RecordRun {
  const { parallel = null } = run;
  if (parallel === null || "reason" in energy) return run;
  const other_boards_w = otherBoardsW(energy, stretchesOf(phases, "measure"));
  const { mode, shared_is = energy.shared_unaudited === true ? "unaudited" : "audited" } = parallel;
  return { ...run, parallel: { ...parallel, ...mode === "shared" ? { shared_is } : {}, other_boards_w } };
}

/** A file may hold fewer prompts than a configuration asks for: those that were written down count. */
function loadOfRun({ config, inputs }: AttemptFacts): Load {
  const load = loadOf(config);
  return { ...load, prompts: inputs.prompts?.count ?? load.prompts };
}

function windowOf({ phases, clocks }: AttemptFacts): RecordWindow | null {
  const windows = unionWindows(phases, "measure");
  const [first, last] = [windows[0], windows.at(-1)];
  if (first === undefined || last === undefined || clocks === undefined) return null;
  const at = (ns: bigint): string =>
    new Date(clocks.utc_ms + Number(ns - clocks.monotonic_ns) / 1e6).toISOString();
  return { started_at: at(first.begin_ns), ended_at: at(last.end_ns) };
}

function outcomeOfEnergy(
  { energy, phases, measurement, requests = null, worker }: AttemptFacts,
): EnergyOutcome {
  if ("reason" in energy) return energy;
  return energyOf(energy, phases, windowCounts(measurement, requests), worker?.devices ?? []);
}
