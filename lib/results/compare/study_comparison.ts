/**
 * lib/results/compare owns what two settings, or two studies, come to beside each other: ratios with their intervals, verdicts,
 * and whether they may be compared at all. Pure; the statistics are those of lib/statistics.
 */
import type { Json } from "../../base/json.ts";
import type { StudyAudit } from "../audit.ts";
import type { VariedValues } from "../varied.ts";

/** `llem compare --json`. Names are a contract with scripts. */
export interface StudyComparison {
  readonly schema: "llem.compare/1";
  readonly llem_version: string;
  /** `paired`: by the cycles of one study; `unpaired`: rows of one study against those of another. */
  readonly design: "paired" | "unpaired";
  readonly confidence: number;
  /** The only path that differs inside a row's comparison; null where all that varies may. */
  readonly by: string | null;
  /** Degrees of freedom of the pooled variance, by metric; a metric that is not pooled is left out. */
  readonly pooled_df: Readonly<Record<string, number>>;
  readonly adjust: "holm" | "bh" | "none";
  /** How many comparisons were adjusted for. */
  readonly m: number;
  /** What every row is compared with. */
  readonly baseline: ComparedSide;
  /** Without the baseline; in the order of the study file, metric by metric within a row. */
  readonly rows: readonly ComparedRow[];
  readonly differences: Differences;
  /** How the runs follow each other, and whether they drift; null between studies, and where too few runs tell. */
  readonly order: ComparedOrder | null;
  /** Whether both sides gave the same output; null where nobody tells. */
  readonly outputs_equal: boolean | null;
  readonly inputs_equal: boolean | null;
  readonly excluded: readonly ExcludedRun[];
  /** The rows as they are with the excluded runs; left out where none is. */
  readonly rows_with_excluded?: readonly ComparedRow[];
  /** Rows that have no partner: of studies that are compared with each other. */
  readonly unmatched: readonly UnmatchedRow[];
  readonly studies: readonly ComparedStudy[];
  /** What a reader must know of all rows, a sentence each. */
  readonly notes: readonly string[];
}

export interface ComparedStudy {
  readonly dir: string;
  readonly name: string | null;
  readonly status: "running" | "completed" | "failed" | "interrupted";
  /** Runs that count, and those that the study has. */
  readonly completed: number;
  readonly total: number;
  /** Completed runs whose results are gone or damaged. */
  readonly missing: number;
  /** What its audit of neighbours came to; left out where it has none. */
  readonly audit?: StudyAudit;
}

export interface ComparedOrder {
  readonly cycle_order: string;
  readonly metric: string;
  /** Kendall's tau of a run's distance from its row's mean against its place in the order, and its two-sided p. */
  readonly tau: number;
  readonly p: number;
}

/** One side of a comparison. */
export interface ComparedSide {
  readonly config_hash: string | null;
  /** The row's own values of what varies in its study. */
  readonly varied: VariedValues;
  readonly study_dir: string;
}

/**
 * - better, worse: significant after adjustment and beyond the margin
 * - same: the 90 % interval lies within the margin
 * - small: significant, and not beyond the margin
 * - different: better or worse, but nobody says which way is good
 * - undecided: none of these
 * - not_comparable: nothing may be concluded, and the reasons say why; mostly there is no ratio either
 */
export type CompareVerdict =
  | "better"
  | "worse"
  | "same"
  | "small"
  | "different"
  | "undecided"
  | "not_comparable";

/** One experiment over the baseline by one metric. Where there is no ratio its numbers are null. */
export interface ComparedRow extends ComparedSide {
  readonly metric: string;
  /** What it is compared with, where that is not the baseline of all rows: by what else varies, or in another study. */
  readonly base_varied: VariedValues;
  /** Which way is good; null where nobody says, and then no verdict is better or worse. */
  readonly better: "less" | "more" | null;
  /** Runs of the baseline and of this row that count; pairs where they are paired. */
  readonly n: readonly [number, number];
  /** Geometric means of both sides. */
  readonly base: number | null;
  readonly value: number | null;
  /** A percentile of too few requests: both means are at least this, and there is no ratio. */
  readonly lower_bound: boolean;
  readonly ratio: number | null;
  /** The interval of the ratio at the confidence of the comparison, and at 95 %. */
  readonly ci: readonly [number, number] | null;
  readonly ci95: readonly [number, number] | null;
  readonly ci90: readonly [number, number] | null;
  /** Standard uncertainty of the logarithm of the ratio that repeats do not show (GUM 5.2.2); null where none is known. */
  readonly common_error: number | null;
  /** Degrees of freedom of the interval; null where there is none. */
  readonly degrees: number | null;
  /** Whether the variance is that of all rows of the study, or of this pair alone. */
  readonly variance: "pooled" | "own";
  /** Of a metric that may be 0 or less, which has no ratio: value less base with its interval at the confidence. */
  readonly difference: { readonly value: number; readonly ci: readonly [number, number] } | null;
  readonly p: number | null;
  readonly p_adjusted: number | null;
  readonly margin: number;
  readonly verdict: CompareVerdict;
  /** Whether the adjusted p is below 1 less the confidence. A verdict of `same` may be significant, too: both are worth a word. */
  readonly significant: boolean;
  /** The 90 % interval lies within the margin (TOST), whatever the verdict. */
  readonly equivalent: boolean;
  /** Cycles that would decide, those made included; null where it is decided or nobody can say. */
  readonly n_needed: number | null;
  /** Seconds that the further cycles of the study take, by those made; null where `n_needed` is or where no time is known. */
  readonly needed_s: number | null;
  /** Decoding is greedy on both sides, and the outputs differ all the same. */
  readonly other_answers: boolean;
  /** What a reader must know of this row. */
  readonly reasons: readonly string[];
}

/** What is different between the sides. */
export interface Differences {
  /** Settings of the study: what is compared. */
  readonly declared: readonly Difference[];
  /** What nobody set: a board, a driver, a version, inputs. Those that `refuses` make a comparison meaningless. */
  readonly undeclared: readonly (Difference & { readonly refuses: boolean })[];
}

export interface Difference {
  readonly what: string;
  readonly base: Json;
  readonly other: Json;
}

export interface ExcludedRun {
  readonly run_id: string;
  readonly reason: string;
}

export interface UnmatchedRow extends ComparedSide {
  readonly side: "base" | "other";
}

/** What a user may ask of a comparison. */
export interface CompareOptions {
  /** `VALUE` or `PATH=VALUE`; null for the first row. */
  readonly baseline: string | null;
  /** Of several things that vary in a study: only rows that differ in nothing but this path are compared; null for all. */
  readonly by: string | null;
  /** The paths by which rows of several studies are joined; empty for what the studies themselves say. */
  readonly match: readonly string[];
  /** Metrics with the direction that the user gives; empty for those that llem knows. */
  readonly metrics: readonly { readonly name: string; readonly better: "less" | "more" | null }[];
  /** As shares: 0.02; by metric, `*` for all others. Where none is given: 2 %, of tails such as a p99 5 %. */
  readonly margins: Readonly<Record<string, number>>;
  readonly confidence: number;
  readonly adjust: "holm" | "bh" | "none";
  readonly across_boards: boolean;
  /** Names of undeclared differences that are to be no obstacle. */
  readonly allow: readonly string[];
  readonly without: readonly ExcludedRun[];
}
