import type { Run } from "../experiment/run.ts";
import type { Look } from "../statistics/look.ts";
import type { StudyAudit } from "../results/audit.ts";
import type { ResultRecord } from "../results/record.ts";
import type { FoundLoad } from "../results/search_summary.ts";
import type { VariedValues } from "../results/varied.ts";
import type { LoadBracket } from "../statistics/load_search.ts";
import type { Placed } from "./event.ts";
import type { StudyStatus } from "./fold.ts";

/** How many runs stand where; they add up to `total`. */
export interface Totals {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly pending: number;
}

/** How a board of a pool is named. */
export interface PoolBoardName {
  /** Its UUID, as placements and `board_out` name it. */
  readonly key: string;
  /** As nvidia-smi counts it. */
  readonly index: number;
}

/** What a runner tells whoever watches. Listeners must neither throw nor wait. */
export type RunnerEvent =
  | {
    readonly type: "study_started";
    readonly study_dir: string;
    readonly name: string | null;
    readonly study_design_hash: string;
    readonly total: number;
    readonly skipped: number;
    /** Runs that an earlier session left complete. */
    readonly done_before: number;
    /** The most runs that its search or `execution.until` may bring it to; left out where it has neither. */
    readonly most_runs?: number;
    /** True with `execution.until`; left out without. */
    readonly open_ended?: true;
  }
  | {
    /** Several runs are made at a time from now on. */
    readonly type: "pool_opened";
    readonly mode: "staged" | "shared";
    /** Where slots are places in this list: that of a run is the place of its first board. */
    readonly boards: readonly PoolBoardName[];
    /** Runs at a time, at most. */
    readonly width: number;
  }
  | {
    /** A board of the pool is used no more: it is gone, or a process that cannot be killed holds it. */
    readonly type: "board_out";
    readonly board: string;
    readonly why: "lost" | "quarantined";
  }
  | {
    /** The study got further runs. */
    readonly type: "runs_added";
    readonly runs: readonly Run[];
    /** Runs of the study from now on. */
    readonly total: number;
  }
  | {
    /** The search of one experiment has come further. */
    readonly type: "search_step";
    /** The load that it is over, as a dotted path. */
    readonly over: string;
    /** Of its first probe. */
    readonly config_hash: string;
    /** The values that tell it from the other experiments, the load left out. */
    readonly varied: VariedValues;
    readonly bracket: LoadBracket;
  }
  | {
    /** It is over. */
    readonly type: "search_finished";
    readonly over: string;
    readonly found: FoundLoad;
  }
  | {
    /** The results of a study with `execution.until` were looked at. */
    readonly type: "look";
    readonly look: Look;
    /** The values that tell the experiments apart that the look names, by their hash. */
    readonly varied: Readonly<Record<string, VariedValues>>;
    /** Cycles at most. */
    readonly most: number;
  }
  | {
    readonly type: "gap_started";
    readonly kind: "experiment" | "cycle";
    /** `machine`: nobody gave it, and it lets GPUs cool. */
    readonly source: "given" | "machine";
    readonly seconds: number;
    /** The run that follows. */
    readonly run: Run;
    /** Where it waits; left out where runs are made one at a time. */
    readonly slot?: number;
  }
  | {
    readonly type: "run_started";
    readonly run: Run;
    readonly run_id: string;
    readonly attempt: number;
    /** Where it runs; left out where runs are made one at a time. */
    readonly placed?: Placed;
  }
  | {
    /** It has loaded and waits until it may be measured; `gate_passed`: it may. Only where several runs are made at a time. */
    readonly type: "gate_waiting" | "gate_passed";
    readonly run: Run;
  }
  | {
    /** A run of the audit begins. It is none of the study's. */
    readonly type: "audit_run";
    readonly run: Run;
    readonly arm: "alone" | "beside";
    /** Runs that keep the other boards busy. */
    readonly beside: number;
    /** Runs of the audit that are over, and all of them. */
    readonly done: number;
    readonly total: number;
  }
  /** What the audit of the study came to, also where an earlier session took it. */
  | { readonly type: "audit_taken"; readonly audit: StudyAudit }
  | {
    readonly type: "retry_waiting";
    readonly run: Run;
    /** The attempt that follows. */
    readonly attempt: number;
    readonly seconds: number;
  }
  | {
    readonly type: "waiting";
    /** For the bare baseline, until a board has cooled down, or until it has its memory back. */
    readonly what: "baseline" | "cooling" | "memory";
    /** At most. */
    readonly seconds: number;
    readonly text: string;
    /** Where a run waits; left out where it concerns all, or runs are made one at a time. */
    readonly slot?: number;
  }
  | { readonly type: "run_phase"; readonly run: Run; readonly phase: string | null }
  | {
    readonly type: "run_progress";
    readonly run: Run;
    readonly done: number;
    readonly total: number;
    readonly unit: string;
    readonly note: string | null;
  }
  | {
    readonly type: "run_finished";
    readonly run: Run;
    readonly record: ResultRecord;
    /** Relative to the study directory. */
    readonly result_file: string;
    readonly will_retry: boolean;
    /** Another agent has ended the run: this attempt is kept and does not count. Left out where it counts. */
    readonly superseded?: true;
  }
  | { readonly type: "warning"; readonly code: string; readonly text: string }
  | {
    readonly type: "study_finished";
    readonly status: Exclude<StudyStatus, "running">;
    /** Why the study ended before its last run; null where it did not. */
    readonly reason: string | null;
    readonly totals: Totals;
    readonly study_dir: string;
    readonly duration_s: number;
    /** Agents share the study: others may go on with it. Left out where this process alone makes it. */
    readonly is_shared?: true;
    /** What the study came to, in sentences; left out where nobody looked. */
    readonly verdict?: string;
  };

export type Emit = (event: RunnerEvent) => void;
