import type { JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { OutcomeKind } from "../experiment/outcome.ts";
import type { StudyAudit } from "./audit.ts";
import type { RunSummary, Summary } from "./summary.ts";

/** A study as everything that reads it sees it: the table behind status, show, compare, report, export and history. */
export interface StudyTable {
  /** As it was named. */
  readonly dir: string;
  /** The name of the directory. */
  readonly id: string;
  readonly name: string | null;
  readonly study_design_hash: string;
  /** `running` only while its runner may be alive; `interrupted` also where a completed run has lost its result. */
  readonly status: "running" | "completed" | "failed" | "interrupted";
  readonly runner: TableRunner;
  /** UTC, ISO 8601; null where nothing has run. */
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly order: TableOrder;
  /** In the order of the study file. */
  readonly experiments: readonly TableExperiment[];
  /** Every run that the study has, in its order, each with its last attempt. */
  readonly runs: readonly TableRun[];
  /** environment.json; null where it cannot be read. */
  readonly environment: JsonObject | null;
  /** Of one that was made on several machines: what each is like, by its host name; left out for any other. */
  readonly machines?: Readonly<Record<string, Circumstances>>;
  /** What its audit of neighbours came to; left out where it has none. */
  readonly audit?: StudyAudit;
  /** The same as rows of statistics, one per experiment. */
  readonly summary: Summary;
}

/** Who runs the study, or ran it last. */
export interface TableRunner {
  /** Null where that cannot be seen from this machine. */
  readonly alive: boolean | null;
  /** Null where nobody can be named, as is the next. */
  readonly host: string | null;
  readonly pid: number | null;
}

/** How the runs of a study follow each other. */
export interface TableOrder {
  readonly cycle_order: string;
  readonly n_cycles: number;
  /** Null unless the order is shuffled. */
  readonly seed: number | null;
}

/** One configuration of a study. */
export interface TableExperiment {
  readonly config_hash: string;
  /** The same with the model and prompts by their content; null where no run tells. */
  readonly join_hash: string | null;
  readonly config: ExperimentConfig;
}

/**
 * Where a run stands for a reader. `missing`: it completed, and its result is gone or damaged, so that no number is left;
 * a resume makes it again. `lost`: its runner died.
 */
export type TableStanding =
  | "completed"
  | "failed"
  | "interrupted"
  | "running"
  | "pending"
  | "lost"
  | "missing";

/** One run of a study by its last attempt. */
export interface TableRun {
  /** 1-based position in the order of the study. */
  readonly index: number;
  readonly config_hash: string;
  /** 1-based. */
  readonly cycle: number;
  readonly standing: TableStanding;
  /** 0 where none was begun. */
  readonly attempt: number;
  /** Null where none was begun. */
  readonly run_id: string | null;
  /** Relative to the study directory; null where there is none. */
  readonly result_file: string | null;
  /** UTC, ISO 8601; null where it has not ended. */
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** Everything that was begun for it, in order; the last one is what the fields above are about. */
  readonly attempts: readonly TableAttempt[];
  /** Its numbers; null where there is no result. */
  readonly summary: RunSummary | null;
  /** What its numbers depend on besides its configuration; null where there is no result. Runs that agree share one. */
  readonly circumstances: Circumstances | null;
}

/** One attempt of a run, whatever became of it. */
export interface TableAttempt {
  /** 1-based. */
  readonly attempt: number;
  readonly run_id: string;
  /** Relative to the study directory. */
  readonly folder: string;
  /** `running`: it has no end yet. A completed one whose result was found to be gone by a resume is `lost`. */
  readonly outcome: OutcomeKind | "running";
  /** Another attempt was to follow. */
  readonly will_retry: boolean;
  /** UTC, ISO 8601; null where the journal does not tell. */
  readonly started_at: string | null;
  /** Null where it has no end; of one that was lost with its runner the time at which that was noticed. */
  readonly ended_at: string | null;
}

/**
 * What the numbers of a run depend on besides its configuration, by a name a person reads in `llem compare`: "GPU",
 * "driver", "power limit", "engine", "model content", "machine", "llem" ... Unknown is left out.
 */
export type Circumstances = Readonly<Record<string, string>>;
