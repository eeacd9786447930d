import { smallest } from "../../base/numbers.ts";
import { equivalenceP } from "../../statistics/equivalence.ts";
import { type Ratio, ratioOf, withCommonError } from "../../statistics/ratio.ts";
import type { ComparedMetric } from "./compared_metrics.ts";
import { commonError, worseVerdict } from "./energy_error.ts";
import { differenceOf } from "./difference.ts";
import type { UndeclaredDifference } from "./guard.ts";
import * as messages from "./messages.ts";
import { middleOf, ratioOfSides, type Sides, sidesOf } from "./pairing.ts";
import type { Pool } from "./pool.ts";
import type { Pair } from "./samples.ts";
import type { ComparedRow, CompareVerdict } from "./study_comparison.ts";
import { fewestFor, percentileOf, tooFewRequests } from "./tails.ts";

/** Of fewer runs on a side nothing is concluded. */
export const FEWEST_RUNS = 3;

/** How the rows of a comparison are compared. */
export interface RowContext {
  readonly design: "paired" | "unpaired";
  readonly confidence: number;
  /** By metric; null where each pair has its own variance. */
  readonly pools: ReadonlyMap<string, Pool | null>;
}

/** A row before p-values are adjusted, with what its verdict will be made of; null where nothing may be concluded. */
export interface RawRow {
  readonly row: ComparedRow;
  readonly ratio: Ratio | null;
}

/** One pair by one metric. `undeclared`: what differs between both that nobody set. */
export function rawRow(
  pair: Pair,
  metric: ComparedMetric,
  undeclared: readonly UndeclaredDifference[],
  context: RowContext,
): RawRow {
  const { design, confidence } = context;
  const sides = sidesOf(pair, metric.name, design);
  const shared = context.pools.get(metric.name) ?? null;
  const pool = shared !== null && shared.rows.has(pair.base) && shared.rows.has(pair.other) ? shared : null;
  const n: [number, number] = [sides.base.length, sides.other.length];
  const { reasons, isRefused, isBound } = obstaclesOf(pair, sides, metric.name, undeclared);
  const found = isRefused ? null : ratioOfSides(sides, metric.name, { design, pool, confidence });
  const common = found === null ? null : commonError(sides, metric.name);
  const ratio = found === null ? null : withCommonError(found.ratio, common ?? 0, confidence);
  const difference = found === null && !isRefused && !isBound
    ? differenceOf(sides, metric.name, design, confidence)
    : null;
  const isFew = smallest(n) < FEWEST_RUNS;
  const ci = (share: number): readonly [number, number] | null => {
    if (ratio === null) return null;
    const { low, high } = share === confidence ? ratio : ratioOf(ratio, n, share);
    return [low, high];
  };
  const row: ComparedRow = {
    ...pair.other.side,
    base_varied: pair.base.side.varied,
    metric: metric.name,
    better: metric.better,
    n,
    base: middleOf(sides.base, metric.name),
    value: middleOf(sides.other, metric.name),
    lower_bound: isBound,
    ratio: ratio?.ratio ?? null,
    ci: ci(confidence),
    ci95: ci(0.95),
    ci90: ci(0.9),
    degrees: ratio?.degrees ?? null,
    variance: found?.variance ?? "own",
    difference,
    common_error: common,
    p: ratio?.p ?? null,
    p_adjusted: null,
    margin: metric.margin,
    verdict: "not_comparable",
    significant: false,
    equivalent: false,
    n_needed: null,
    needed_s: null,
    other_answers: false,
    reasons: [
      ...reasons,
      ...isFew && smallest(n) > 0 && !isRefused && !isBound ? [messages.tooFewRuns(n)] : [],
      ...difference === null ? [] : [messages.noRatio()],
    ],
  };
  return { row, ratio: isFew ? null : ratio };
}

/** Which side has no number. Paired sides are empty together, so each is asked for itself. */
function absences(pair: Pair, { base, other }: Sides, metric: string): string[] {
  if (base.length > 0 && other.length > 0) return [];
  const having = sidesOf(pair, metric, "unpaired");
  const found = [
    ...having.base.length === 0 ? [messages.noValue("base")] : [],
    ...having.other.length === 0 ? [messages.noValue("other")] : [],
  ];
  return found.length > 0 ? found : [messages.noCommonCycle()];
}

/** The row with its verdict. */
export function judged({ row, ratio }: RawRow, p_adjusted: number | null, alpha: number): ComparedRow {
  if (ratio === null || p_adjusted === null) return row;
  const significant = p_adjusted < alpha;
  const equivalent = equivalenceP(ratio, row.margin) < alpha;
  return { ...row, p_adjusted, significant, equivalent, verdict: verdictOf(row, significant, equivalent) };
}

/** Significant and beyond the margin, else within it, else only significant, else none of these. */
function verdictOf(
  { ratio, better, margin }: ComparedRow,
  significant: boolean,
  equivalent: boolean,
): CompareVerdict {
  const times = ratio ?? 1;
  const isMore = times > 1 + margin;
  if (significant && (isMore || times < 1 / (1 + margin))) {
    return better === null ? "different" : isMore === (better === "more") ? "better" : "worse";
  }
  return equivalent ? "same" : significant ? "small" : "undecided";
}

/** Why there is no ratio, or what is to be known of it. */
function obstaclesOf(
  pair: Pair,
  sides: Sides,
  metric: string,
  undeclared: readonly UndeclaredDifference[],
): { readonly reasons: readonly string[]; readonly isRefused: boolean; readonly isBound: boolean } {
  const refused = undeclared.filter(({ refuses }) => refuses);
  const energy = worseVerdict([...pair.base.runs, ...pair.other.runs], metric);
  const fraction = percentileOf(metric);
  const isBound = fraction !== null &&
    [...sides.base, ...sides.other].some((run) => tooFewRequests(run, metric));
  const boards = energy === null ? undefined : undeclared.find(({ what }) => what === "GPU");
  return {
    reasons: [
      ...refused.map(({ what, base, other }) => messages.refusedFor(what, String(base), String(other))),
      ...energy === "unattributable" ? [messages.unattributable()] : [],
      ...energy === "marginal" ? [messages.marginal()] : [],
      ...boards !== undefined && !boards.refuses ? [messages.otherBoards()] : [],
      ...isBound ? [messages.tooFewForTail(metric, fewestFor(fraction ?? 0))] : [],
      ...absences(pair, sides, metric),
    ],
    isRefused: refused.length > 0 || energy === "unattributable" || isBound,
    isBound,
  };
}
