import { largest, smallest } from "../../base/numbers.ts";
import { LLEM_VERSION } from "../../base/version.ts";
import type { StudyTable } from "../study_table.ts";
import { allEqual, inputsEqual, isGreedy, outputsEqual } from "./answers.ts";
import { baselinePairs } from "./baseline.ts";
import { type BlockedPair, onCommonBoards } from "./blocks.ts";
import { placeSpreads } from "./board_spread.ts";
import { type ComparedMetric, comparedMetrics } from "./compared_metrics.ts";
import { adjustedRows } from "./adjusted_rows.ts";
import { type RawRow, rawRow, type RowContext } from "./compared_row.ts";
import { driftOf } from "./drift.ts";
import { differencesOf } from "./guard.ts";
import { excludedRuns } from "./excluded_runs.ts";
import { joinRows } from "./join.ts";
import * as messages from "./messages.ts";
import { gatheredDifferences } from "./gathered_differences.ts";
import { poolOf } from "./pool.ts";
import { runsNeeded } from "./runs_to_decide.ts";
import { type Pair, type Sample, samplesOf } from "./samples.ts";
import type {
  ComparedOrder,
  ComparedRow,
  ComparedSide,
  CompareOptions,
  StudyComparison,
  UnmatchedRow,
} from "./study_comparison.ts";
import { runNotes } from "./run_notes.ts";
import { auditNotes, changeNotes, comparedStudy, serverNotes, standingNotes } from "./study_notes.ts";
import { cycleSeconds } from "./cycle_seconds.ts";

/** Where a user asks for nothing else. */
export const USUAL_OPTIONS: CompareOptions = {
  baseline: null,
  by: null,
  match: [],
  metrics: [],
  margins: {},
  confidence: 0.95,
  adjust: "holm",
  across_boards: false,
  allow: [],
  without: [],
};

/**
 * Compares the rows of one study with its baseline; or those of the first study with the same rows of each further one.
 * Throws CommandError where what is asked for is not there: a metric, a baseline, a run.
 */
export function compareStudies(
  tables: readonly [StudyTable, ...StudyTable[]],
  options: CompareOptions = USUAL_OPTIONS,
): StudyComparison {
  const found = comparisonOf(tables, options);
  if (options.without.length === 0) return found;
  return { ...found, rows_with_excluded: comparisonOf(tables, { ...options, without: [] }).rows };
}

function comparisonOf(
  tables: readonly [StudyTable, ...StudyTable[]],
  options: CompareOptions,
): StudyComparison {
  const without = excludedRuns(tables, options.without);
  const [first, ...others] = tables.map((table, place) => samplesOf(table, without[place]));
  const samples = first ?? [];
  const plan = others.length === 0 ? within(samples, options) : between(samples, others, options);
  const metrics = comparedMetrics([samples, ...others].flat(), options);
  const pools = new Map(metrics.map(({ name }) => [
    name,
    plan.design === "paired" ? poolOf(samples, plan.baselines, name) : null,
  ]));
  const { design } = plan;
  const context = { design, confidence: options.confidence, pools };
  const differences = new Map(plan.pairs.map((pair) => [pair, differencesOf(pair, design, options)]));
  const raw = plan.pairs.flatMap((pair) =>
    metrics.map((metric) => ({
      pair,
      ...rawRow(pair, metric, differences.get(pair)?.undeclared ?? [], context),
    }))
  );
  const studies = tables.map(comparedStudy);
  const rows = judgedRows(raw, options, context, tables);
  const order = design === "paired" ? orderOf(tables[0], samples, metrics) : null;
  const { cycle_order } = tables[0].order;
  return {
    schema: "llem.compare/1",
    llem_version: LLEM_VERSION,
    design,
    confidence: options.confidence,
    by: plan.by,
    pooled_df: Object.fromEntries(
      [...pools].flatMap(([name, pool]) => pool === null ? [] : [[name, pool.degrees]]),
    ),
    adjust: options.adjust,
    m: rows.filter(({ p_adjusted }) => p_adjusted !== null).length,
    baseline: plan.baseline,
    rows,
    differences: gatheredDifferences([...differences.values()]),
    order,
    outputs_equal: allEqual(plan.pairs.map(outputsEqual)),
    inputs_equal: allEqual(plan.pairs.map(inputsEqual)),
    excluded: options.without,
    unmatched: plan.unmatched,
    studies,
    notes: [
      ...studies.flatMap(standingNotes),
      ...studies.flatMap(auditNotes),
      ...tables.length === 1 ? changeNotes(samples) : [],
      ...runNotes([...new Set(plan.pairs.flatMap(({ base, other }) => [base, other]))], metrics, design),
      ...plan.notes,
      ...design === "paired" ? spreadNotes(samples, metrics) : [],
      ...serverNotes([samples, ...others].flat()),
      ...ownVarianceNotes(plan, rows, pools),
      ...order !== null && order.p < 0.05
        ? [messages.drifts(order.metric, order.tau, order.p, cycle_order)]
        : [],
    ],
  };
}

/** Which rows are compared with which. */
interface ComparisonPlan {
  readonly design: "paired" | "unpaired";
  readonly pairs: readonly Pair[];
  readonly baselines: readonly Sample[];
  readonly baseline: ComparedSide;
  readonly by: string | null;
  readonly unmatched: readonly UnmatchedRow[];
  /** Of how the pairs were made. */
  readonly notes: readonly string[];
}

function within(samples: readonly Sample[], options: CompareOptions): ComparisonPlan {
  const { pairs, baselines, by } = baselinePairs(samples, options);
  const side = baselines[0]?.side;
  const varied = side === undefined ? {} : by === null ? side.varied : { [by]: side.varied[by] ?? null };
  const baseline = {
    config_hash: baselines.length > 1 ? null : side?.config_hash ?? null,
    varied,
    study_dir: side?.study_dir ?? "",
  };
  return { design: "paired", pairs, baselines, baseline, by, unmatched: [], notes: [] };
}

function between(
  base: readonly Sample[],
  others: readonly (readonly Sample[])[],
  options: CompareOptions,
): ComparisonPlan {
  const joined = others.map((other) => joinRows(base, other, options.match));
  const alone = (rows: readonly Sample[], side: UnmatchedRow["side"]): UnmatchedRow[] =>
    rows.map((row) => ({ ...row.side, side }));
  const nowhere = base.filter((row) => joined.every(({ base_alone }) => base_alone.includes(row)));
  const blocked = joined.flatMap((found) => found.pairs).map(onCommonBoards);
  const [only, ...more] = base;
  return {
    design: "unpaired",
    pairs: blocked.map(({ pair }) => pair),
    notes: blockNotes(blocked),
    baselines: base,
    baseline: {
      config_hash: more.length > 0 ? null : only?.side.config_hash ?? null,
      varied: more.length > 0 ? {} : only?.side.varied ?? {},
      study_dir: only?.side.study_dir ?? "",
    },
    by: null,
    unmatched: [
      ...alone(nowhere, "base"),
      ...joined.flatMap(({ other_alone }) => alone(other_alone, "other")),
    ],
  };
}

/** With p-values adjusted over all rows and metrics, verdicts, and what would decide the undecided ones. */
function judgedRows(
  raw: readonly (RawRow & { readonly pair: Pair })[],
  options: CompareOptions,
  context: RowContext,
  tables: readonly StudyTable[],
): ComparedRow[] {
  const rows = adjustedRows(raw, options);
  const tested = raw.filter(({ ratio }) => ratio !== null).length;
  const alpha = (1 - options.confidence) / (options.adjust === "none" ? 1 : Math.max(1, tested));
  const needed = runsNeeded(rows, { alpha, ...context });
  const secondsOfCycle = tables.length === 1 ? cycleSeconds(tables[0]) : null;
  return rows.map(({ judged: row, pair }) => {
    const n_needed = needed.get(row) ?? null;
    const other_answers = outputsEqual(pair) === false && isGreedy(pair.base.config) &&
      isGreedy(pair.other.config);
    return {
      ...row,
      n_needed,
      needed_s: n_needed === null || secondsOfCycle === null
        ? null
        : secondsOfCycle * (n_needed - smallest(row.n)),
      other_answers,
      reasons: other_answers ? [...row.reasons, messages.otherAnswers()] : row.reasons,
    };
  });
}

/** What the places of a study differ by, in the metric that comes first. */
function spreadNotes(samples: readonly Sample[], [metric]: readonly ComparedMetric[]): string[] {
  return metric === undefined
    ? []
    : placeSpreads(samples, metric.name).map((spread) => messages.placesDiffer(metric.name, spread));
}

function blockNotes(blocked: readonly BlockedPair[]): string[] {
  const used = blocked.filter(({ blocks }) => blocks > 0);
  const left = used.reduce((sum, { left_out }) => sum + left_out, 0);
  return used.length === 0 ? [] : [messages.onCommonBoards(largest(used.map(({ blocks }) => blocks)), left)];
}

function orderOf(
  table: StudyTable,
  samples: readonly Sample[],
  [metric]: readonly ComparedMetric[],
): ComparedOrder | null {
  const drift = metric === undefined ? null : driftOf(samples, metric.name);
  return metric === undefined || drift === null
    ? null
    : { cycle_order: table.order.cycle_order, metric: metric.name, ...drift };
}

function ownVarianceNotes(
  { design, pairs }: ComparisonPlan,
  rows: readonly ComparedRow[],
  pools: ReadonlyMap<string, unknown>,
): string[] {
  if (design === "unpaired" || pairs.length < 2) return [];
  const found = new Set(rows.filter(({ ratio }) => ratio !== null).map(({ metric }) => metric));
  const own = [...found].filter((metric) => pools.get(metric) === null);
  return own.length === 0 ? [] : [messages.ownVariance(own)];
}
