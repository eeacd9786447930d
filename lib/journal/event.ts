/**
 * lib/journal owns the memory of a study: the append-only journal (the truth), the state folded from it, and the
 * manifest derived from that. It starts nothing and measures nothing.
 */
import type { ExperimentConfig } from "../experiment/config.ts";
import type { OutcomeFlag, OutcomeKind } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";
import type { AuditedRun, StudyAudit } from "../results/audit.ts";
import type { Look } from "../statistics/look.ts";

/** A process, told from any other of the same pid: kernel boot, pid and start time. */
export interface ProcessIdentity {
  readonly host: string;
  readonly boot_id: string | null;
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly start_ticks: number;
}

/** A runner took the study up, for the first time or again. */
export interface StudyOpened {
  readonly type: "study_started" | "study_resumed";
  readonly study_name: string | null;
  readonly study_design_hash: string;
  readonly total: number;
  readonly llem_version: string;
  readonly runner: ProcessIdentity;
  /** How attempts are held together; absent in journals of earlier versions. */
  readonly containment?: "group" | "cgroup" | "pidns";
  /** How several runs are made at a time; absent where they are made one after the other, as in earlier versions. */
  readonly parallel?: "staged" | "shared";
}

/** One attempt of a run, and the folder that holds its files, relative to the study directory. */
export interface AttemptFolder {
  readonly index: number;
  readonly config_hash: string;
  readonly cycle: number;
  readonly attempt: number;
  readonly run_id: string;
  readonly folder: string;
}

/**
 * A worker is about to be spawned; it is spawned after this line, which says what it can be found by should the runner die
 * before it knows the worker's pid. Earlier versions of llem neither write nor read it.
 */
export interface RunStarting extends AttemptFolder {
  readonly type: "run_starting";
  /** Where it is spawned, and in which boot. */
  readonly host: string;
  readonly boot_id: string | null;
  /** The value of LLEM_ATTEMPT_ID in its environment, and in nobody else's. */
  readonly tag: string;
  /** The folder of the control group that was made for it; null where it has none. */
  readonly cgroup: string | null;
  /** The name of its container; null where it has none. */
  readonly container: string | null;
  /** Its temporary folder; absent where it has none, as in journals of earlier versions. */
  readonly temporary?: string;
  /** Where several runs are made at a time: the chain that it is part of and what it was placed on; absent else. */
  readonly placed?: Placed;
}

/** Where a run was placed. */
export interface Placed {
  readonly chain: string;
  /** Counted from 0. */
  readonly slot: number;
  readonly devices: readonly string[];
  /** True where earlier runs of its chain were made on other devices, which were lost. */
  readonly split?: boolean;
}

/** A worker was spawned; its assignment goes out after this line. */
export interface RunStarted extends AttemptFolder {
  readonly type: "run_started";
  /** As in the `run_starting` before it; absent where there was none, as in journals of earlier versions. */
  readonly tag?: string;
  /** Null where no process came to be. */
  readonly worker: ProcessIdentity | null;
}

/** A container, and the program that removes it. */
export interface NamedContainer {
  readonly name: string;
  /** Absolute path of docker, or of one that takes the same commands. */
  readonly program: string;
}

/**
 * A server is about to be spawned, for one run or for several; it is spawned after this line, as a worker is after its
 * `run_starting`. Earlier versions of llem skip this line and the next two.
 */
export interface ServerStarting {
  readonly type: "server_starting";
  /** The value of LLEM_SERVER_ID in its environment, and in nobody else's. */
  readonly instance: string;
  /** The first run that it is started for. */
  readonly run_id: string;
  readonly host: string;
  readonly boot_id: string | null;
  /** The folder of the control group that was made for it; null where it has none. */
  readonly cgroup: string | null;
  /** Null for a program of that machine. */
  readonly container: NamedContainer | null;
  /** Its temporary folder; absent where it has none, as in journals of earlier versions. */
  readonly temporary?: string;
}

/** A server was spawned. */
export interface ServerStarted {
  readonly type: "server_started";
  readonly instance: string;
  readonly process: ProcessIdentity;
}

/** Nothing is left of a server. */
export interface ServerStopped {
  readonly type: "server_stopped";
  readonly instance: string;
}

/** An attempt ended; its result file is durable before this line is written. */
export interface RunFinished {
  readonly type: "run_finished";
  readonly index: number;
  readonly config_hash: string;
  readonly cycle: number;
  readonly attempt: number;
  readonly run_id: string;
  readonly kind: OutcomeKind;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly flags: readonly OutcomeFlag[];
  readonly error_type: string | null;
  /** Cut to a few hundred characters; the whole text is in the result file. */
  readonly error_message: string | null;
  /** Relative to the study directory; null where the attempt was lost before it had one. */
  readonly result_file: string | null;
  /** The length of that file; absent in journals of earlier versions. */
  readonly result_bytes?: number;
  readonly started_at: string;
  readonly completed_at: string;
  readonly duration_s: number;
  /** Codes of the warnings of this attempt. */
  readonly warnings: readonly string[];
  /** Another attempt was to follow; where none does, the run was not through. */
  readonly will_retry: boolean;
  /** Another agent's attempt is the end of the run: this one is kept and does not count. Absent where it counts. */
  readonly superseded?: true;
}

/**
 * The study got further runs, after those of its plan and all that were added before. Earlier versions of llem skip this
 * line and know the runs of the plan alone.
 */
export interface RunsAdded {
  readonly type: "runs_added";
  /** Every configuration of these runs, by its hash. */
  readonly experiments: Readonly<Record<string, ExperimentConfig>>;
  readonly runs: readonly Omit<Run, "config">[];
}

/**
 * A look at the results of a study with `execution.until`, after a whole cycle. Earlier versions of llem skip this line.
 */
export interface LookTaken extends Look {
  readonly type: "look";
}

/** A worker of an audit is about to be spawned, as run_starting says of a run. Earlier versions skip the lines of audits. */
export interface AuditStarting extends Omit<RunStarting, "type" | "index" | "cycle" | "attempt" | "placed"> {
  readonly type: "audit_starting";
}

/** A run of an audit has ended. It is none of the study's runs. */
export interface AuditRunEnded extends AuditedRun {
  readonly type: "audit_run";
}

/** What the audit of a study came to; it is not repeated. */
export interface AuditTaken extends StudyAudit {
  readonly type: "audit";
}

/** The runner left in good order. */
export interface StudyClosed {
  readonly type: "study_finished";
  readonly status: "completed" | "failed" | "interrupted";
}

export type JournalEvent =
  | StudyOpened
  | RunsAdded
  | LookTaken
  | ServerStarting
  | ServerStarted
  | ServerStopped
  | RunStarting
  | RunStarted
  | RunFinished
  | AuditStarting
  | AuditRunEnded
  | AuditTaken
  | StudyClosed;

/** An event as it stands in the journal. */
export type StampedEvent = JournalEvent & { readonly at: string };
