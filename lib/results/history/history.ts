/**
 * lib/results/history owns what one configuration came to in study after study: whether the newest ones are where the earlier ones
 * predict. Pure; a study is one value, the geometric mean of its runs.
 */
import type { Direction } from "../metric_declarations.ts";
import type { VariedValues } from "../varied.ts";

/** `llem history --json`. Names are a contract with scripts. */
export interface History {
  readonly schema: "llem.history/1";
  readonly llem_version: string;
  /** The folder that was looked through. */
  readonly root: string;
  /** Studies that were found, those that cannot be read among them. */
  readonly studies: number;
  readonly damaged: readonly DamagedStudy[];
  /** True where the folder holds more studies than are looked through. */
  readonly truncated: boolean;
  readonly confidence: number;
  readonly configurations: readonly ConfigurationHistory[];
  /** Configurations that were found and are not shown. */
  readonly others: number;
}

export interface DamagedStudy {
  readonly study_dir: string;
  /** A sentence. */
  readonly problem: string;
}

/** One configuration on one kind of machine. */
export interface ConfigurationHistory {
  /** Of the newest study. */
  readonly config_hash: string;
  /** All under which it stands in the studies: a model that was moved has another one. */
  readonly config_hashes: readonly string[];
  /** The same with model and prompts by their content; null where no run tells. */
  readonly join_hash: string | null;
  readonly backend: string;
  readonly model: string;
  /** What told it from the others of the newest study. */
  readonly varied: VariedValues;
  /** CPU, GPUs: the machine of the newest study; null where nothing is known of it. */
  readonly machine: string | null;
  readonly skipped: SkippedStudies;
  readonly metrics: readonly MetricHistory[];
}

/** Studies with the configuration that do not count, by why. */
export interface SkippedStudies {
  readonly other_machine: number;
  /** The model or the prompts have the same name and other content. */
  readonly other_content: number;
  /** No run of the configuration completed. */
  readonly no_runs: number;
  /** Older than those that were asked for. */
  readonly older: number;
  /** Runs, not studies: they completed, and their results are gone or damaged. */
  readonly missing_results: number;
}

/**
 * - too_few: fewer earlier studies than an interval needs
 * - steady: the newest study is where the earlier ones predict
 * - once: the newest one is outside, the one before was not (or not on that side)
 * - alarm: the newest two are outside on the worse side
 * - improved: the newest two are outside on the better side
 * - changed: the newest two are outside on one side, and nobody says which way is good
 */
export type HistoryVerdict = "too_few" | "steady" | "once" | "alarm" | "improved" | "changed";

export interface MetricHistory {
  readonly metric: string;
  /** Null for a metric of a worker's own. */
  readonly unit: string | null;
  readonly better: Direction;
  readonly verdict: HistoryVerdict;
  /** Studies in which no run has the metric, or one that is not positive. */
  readonly without_value: number;
  /**
   * A hint that the studies that are as expected have two modes, such as two clocks of a board: what is expected is then wide.
   * `between` lies between both; null where they have not, and below eight.
   */
  readonly two_groups:
    | { readonly between: number; readonly sizes: readonly [low: number, high: number] }
    | null;
  /** From the oldest on. */
  readonly points: readonly HistoryPoint[];
}

/** `unjudged`: too few earlier studies; `different`: outside, and nobody says which way is good. */
export type PointStanding = "unjudged" | "expected" | "better" | "worse" | "different";

/** One study. */
export interface HistoryPoint {
  readonly study_dir: string;
  /** UTC, ISO 8601. */
  readonly started_at: string | null;
  readonly llem_version: string | null;
  /** Runs. */
  readonly n: number;
  /** Their geometric mean. */
  readonly value: number;
  /** The 95 % interval of the mean over the study's own runs; null of one run. */
  readonly low95: number | null;
  readonly high95: number | null;
  /** Between what one more study of the kind of the earlier ones lies; null where they are too few. */
  readonly expected: ExpectedRange | null;
  readonly standing: PointStanding;
  /** What is not as in the study before: a driver, an engine, a board. */
  readonly changes: readonly HistoryChange[];
}

export interface ExpectedRange {
  /** Geometric mean of the earlier studies that count. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** How many these are. */
  readonly n: number;
}

export interface HistoryChange {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}
