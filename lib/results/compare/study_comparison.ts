/**
 * lib/results/compare owns what two settings, or two studies, come to beside each other: ratios with their intervals, verdicts,
 * and whether they may be compared at all. Pure; the statistics are those of lib/statistics.
 */
import type { Json } from "../../base/json.ts";
import type { VariedValues } from "../varied.ts";

/** `llem compare --json`. Names are a contract with scripts. */
export interface StudyComparison {
  readonly schema: "llem.compare/1";
  readonly llem_version: string;
  /** `paired`: by the cycles of one study; `unpaired`: rows of one study against those of another. */
  readonly design: "paired" | "unpaired";
  readonly confidence: number;
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
  /** Whether both sides gave the same output; null where nobody tells. */
  readonly outputs_equal: boolean | null;
  readonly inputs_equal: boolean | null;
  readonly excluded: readonly ExcludedRun[];
  /** Rows that have no partner: of studies that are compared with each other. */
  readonly unmatched: readonly UnmatchedRow[];
  readonly studies: readonly { readonly dir: string; readonly name: string | null }[];
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
 * - undecided: none of these
 * - not_comparable: there is no ratio, and the reasons say why
 */
export type CompareVerdict = "better" | "worse" | "same" | "small" | "undecided" | "not_comparable";

/** One experiment over the baseline by one metric. Where there is no ratio its numbers are null. */
export interface ComparedRow extends ComparedSide {
  readonly metric: string;
  /** Which way is good; null where nobody says, and then no verdict is better or worse. */
  readonly better: "less" | "more" | null;
  /** Runs of the baseline and of this row that count; pairs where they are paired. */
  readonly n: readonly [number, number];
  /** Geometric means of both sides. */
  readonly base: number | null;
  readonly value: number | null;
  readonly ratio: number | null;
  readonly ci95: readonly [number, number] | null;
  readonly ci90: readonly [number, number] | null;
  /** Standard uncertainty of the logarithm of the ratio that repeats do not show (GUM 5.2.2); null where none is known. */
  readonly common_error: number | null;
  readonly p: number | null;
  readonly p_adjusted: number | null;
  readonly margin: number;
  readonly verdict: CompareVerdict;
  /** True where it is significant and lies within the margin: both facts are worth a word. */
  readonly significant: boolean;
  /** Cycles that would decide, those made included; null where it is decided or nobody can say. */
  readonly n_needed: number | null;
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
  /** The paths that tell rows apart or join them; empty for what the studies themselves say. */
  readonly match: readonly string[];
  /** Metrics with the direction that the user gives; empty for those that llem knows. */
  readonly metrics: readonly { readonly name: string; readonly better: "less" | "more" | null }[];
  /** As shares: 0.02; by metric, `*` for all others. */
  readonly margins: Readonly<Record<string, number>>;
  readonly confidence: number;
  readonly adjust: "holm" | "bh" | "none";
  readonly across_boards: boolean;
  readonly without: readonly ExcludedRun[];
}
