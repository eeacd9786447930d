import type { JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunSummary, Summary } from "./summary.ts";

/** A study as everything that reads it sees it: the table behind status, show, compare, report, export and history. */
export interface StudyTable {
  /** As it was named. */
  readonly dir: string;
  /** The name of the directory. */
  readonly id: string;
  readonly name: string | null;
  readonly study_design_hash: string;
  readonly status: "running" | "completed" | "failed" | "interrupted";
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
  /** The same as rows of statistics, one per experiment. */
  readonly summary: Summary;
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
  /** Its numbers; null where there is no result. */
  readonly summary: RunSummary | null;
  /** What its numbers depend on besides its configuration; null where there is no result. Runs that agree share one. */
  readonly circumstances: Circumstances | null;
}

/**
 * What the numbers of a run depend on besides its configuration, by a name a person reads in `llem compare`: "GPU",
 * "driver", "power limit", "engine", "model content", "machine", "llem" ... Unknown is left out.
 */
export type Circumstances = Readonly<Record<string, string>>;
