import type { Issue } from "../base/issue.ts";
import type { JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { Secret } from "../experiment/secrets.ts";
import type { Run } from "../experiment/run.ts";
import type { Cluster } from "../study/cluster.ts";
import type { CycleOrder, Execution } from "../study/execution.ts";
import type { Search } from "../study/search_schema.ts";
import type { Slo } from "../study/slo_schema.ts";
import type { Metering } from "../study/user_config.ts";

/** What the machine knows and the study may leave open. */
export interface PlanFacts {
  /** Used where the study gives no gaps, between runs that hold a GPU; 0 is no gap. */
  readonly gaps: Gaps;
  /** False where a configuration is known to use no GPU; left out where every one counts as holding one. */
  readonly holdsGpu?: (config: ExperimentConfig) => boolean;
  /** What the user wishes of the meter; left out where nobody has any wish. */
  readonly metering?: Metering;
  /** False where nothing here can be metered; left out where something may. */
  readonly hasMeter?: (config: ExperimentConfig) => boolean;
}

export interface Gaps {
  readonly experiment_s: number;
  readonly cycle_s: number;
}

/** A grid point that is left out, and why. */
export interface SkippedPoint {
  readonly reason: string;
  /** A short name such as `pytorch, fp16`. */
  readonly label: string;
  /** The configuration as the file gives it, defaults not filled in. */
  readonly config: JsonObject;
}

/** What a study comes to: its runs in order. */
export interface Plan {
  readonly name: string | null;
  readonly kind: "study" | "experiment";
  readonly study_design_hash: string;
  readonly n_experiments: number;
  /** Those that the plan holds: with `execution.until` the least, which more may follow. */
  readonly n_cycles: number;
  readonly cycle_order: CycleOrder;
  /** Null unless the order is shuffled. */
  readonly seed: number | null;
  readonly gaps: Gaps;
  readonly runs: readonly Run[];
  readonly skipped: readonly SkippedPoint[];
  /**
   * What looks like a secret and was taken out of the configurations, by their hash: for workers, for plan.json where only
   * its owner reads it, and for nobody else.
   */
  readonly secrets: Readonly<Record<string, readonly Secret[]>>;
  readonly execution: Execution;
  readonly cluster: Cluster;
  /** What results are judged by, and the search that goes on from the runs here; null each where there is none. */
  readonly slo: Slo | null;
  readonly search: Search | null;
  /** How each backend's worker is started: `local`, `docker` or `docker:<image>`; one that is left out is local. */
  readonly runners: Readonly<Record<string, string>>;
  /** What the user wished of the meter when the study was planned. */
  readonly metering: Metering;
  /** The part of it that is made here; left out where that is all of it. The runs above are always those of the whole. */
  readonly shard?: Shard;
}

/** The part of a study that one machine makes where machines share no file system. */
export interface Shard {
  /** 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

/** What planning gave: a plan, or the reasons why not; warnings either way. */
export interface Planning {
  /** Null exactly when there are issues. */
  readonly plan: Plan | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}
