import type { ExperimentConfig } from "./config.ts";

/** One planned run: an experiment in one cycle, at one place of the order. */
export interface Run {
  /** 1-based position in the run order. */
  readonly index: number;
  readonly config_hash: string;
  /** 1-based. */
  readonly cycle: number;
  readonly config: ExperimentConfig;
  /** Which gap is due before this run; null where none is. */
  readonly gap_before: "experiment" | "cycle" | null;
}

/** Identity of a run across resumes: never its position. */
export function runKey(run: { readonly config_hash: string; readonly cycle: number }): string {
  return `${run.config_hash}/${run.cycle}`;
}

/** Where a run stands. `running` without a live runner is what a resume calls lost. */
export type EntryStatus = "pending" | "running" | "completed" | "failed" | "interrupted" | "lost";
