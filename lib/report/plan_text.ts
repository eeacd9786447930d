import { largest } from "../base/numbers.ts";
import { roughDuration } from "../base/duration.ts";
import { formatIssue, type Issue } from "../base/issue.ts";
import { type EarlierTimes, estimateTime, NO_EARLIER_TIMES, type TimeEstimate } from "../plan/estimate.ts";
import type { RepeatAdvice } from "../plan/advice.ts";
import { gapSeconds, isGiven } from "../plan/gaps.ts";
import type { Plan } from "../plan/plan.ts";
import { runLimitSeconds } from "../plan/run_limit.ts";
import { comparedConfigs, searchBounds } from "../plan/search.ts";
import { mostRuns } from "../plan/until.ts";
import { NAMED_LOAD_FIELDS, servedLoadOf } from "../experiment/load.ts";
import { serverStarts } from "../plan/server_starts.ts";
import type { Outlook } from "../plan/pool/outlook.ts";
import { inStudyOrder } from "../plan/study_order.ts";
import { flatten, variedPaths, variedReader } from "../results/varied.ts";
import {
  gapsPlanned,
  moreReasons,
  moreRuns,
  planCounts,
  planShared,
  planTime,
  pointsSkipped,
  skippedPoints,
  timeAtLeast,
  timeFromEarlier,
  timeLimit,
  timeUnknown,
} from "./messages.ts";
import { searchPlanned } from "./search/messages.ts";
import { outlookLines } from "./parallel/outlook_text.ts";
import { adviceLines } from "./until/advice_text.ts";
import { openPlanCounts, untilPlanned } from "./until/messages.ts";
import { labelledCell, labelledPaths } from "./run_name.ts";
import { planLoad, planServers, planSlo, servedLoadText } from "./served/messages.ts";
import { textTable } from "./table.ts";
import { clip, formatNumber, jsonText, printable } from "../base/text.ts";

const MOST_ROWS = 200;
const MOST_REASONS = 50;
const MOST_LABELS = 3;
const CELL_WIDTH = 40;
const RUNS_PER_PIECE = 1000;

/** The plan for people: how much and how long first, then what all runs share, what varies, and what is left out. */
export function planText(
  plan: Plan,
  earlier: EarlierTimes = NO_EARLIER_TIMES,
  idle_s = 0,
  advice: RepeatAdvice | null = null,
  outlook: Outlook | null = null,
): string {
  const paths = variedPaths(comparedConfigs(plan));
  const head = [
    countLine(plan),
    ...searchLines(plan),
    ...untilLines(plan),
    timeLine(plan, { earlier, idle_s, isOneByOne: outlook !== null && outlook.mode !== "off" }),
    ...outlook === null ? [] : outlookLines(outlook),
    ...advice === null ? [] : adviceLines(advice, plan.execution.until === null ? plan.n_cycles : null),
    sharedLine(plan, paths),
    ...serverLines(plan),
  ];
  return `${head.join("\n")}\n\n${runTable(plan, paths)}${skippedText(plan.skipped)}`;
}

function serverLines({ runs }: Plan): string[] {
  const { starts, runs: served } = serverStarts(runs);
  return starts === 0 ? [] : [planServers(starts, served)];
}

function countLine(plan: Plan): string {
  const { n_experiments, n_cycles, runs, skipped, execution } = plan;
  const [least, most] = [{ cycles: n_cycles, runs: runs.length }, mostRuns(plan)];
  if (most === null) return planCounts(n_experiments, n_cycles, runs.length, skipped.length);
  return openPlanCounts(
    n_experiments,
    least,
    { cycles: execution.max_cycles, runs: most },
    skipped.length,
  );
}

/** Nothing for a plan with a fixed number of cycles. */
function untilLines({ execution: { until, min_cycles, time_budget_seconds: budget } }: Plan): string[] {
  if (until === null) return [];
  const targets = Object.entries(until).map(([metric, width]) => ({
    metric: printable(metric),
    width: formatNumber(width * 100),
  }));
  return [untilPlanned(targets, {
    least: min_cycles,
    budget: budget === null ? null : roughDuration(budget),
  })];
}

/** The most runs that a plan may come to. */
function mostRunsOf(plan: Plan): number {
  return searchBounds(plan)?.runs ?? mostRuns(plan) ?? plan.runs.length;
}

/** Nothing for a plan without a search. */
function searchLines(plan: Plan): string[] {
  const { search } = plan;
  const bounds = searchBounds(plan);
  if (search === null || bounds === null) return [];
  const { over, from, to, resolution } = search;
  const percent = formatNumber(resolution * 100);
  const range = { over, from: formatNumber(from), to: formatNumber(to), resolution: percent };
  return [searchPlanned(range, bounds)];
}

/** How long it is likely to take, how long it can take, and what of that is gaps. */
function timeLine(
  plan: Plan,
  { earlier, idle_s, isOneByOne }: {
    readonly earlier: EarlierTimes;
    readonly idle_s: number;
    readonly isOneByOne: boolean;
  },
): string {
  const own = plan.runs.reduce((sum, run) => sum + gapSeconds(run.gap_before, plan.gaps), 0);
  const gaps = own + laterGaps(plan);
  const kinds = [
    ...plan.runs.map(({ gap_before }) => gap_before),
    ...gaps > own ? ["experiment" as const] : [],
  ];
  const isMachine = kinds.some((kind) => kind !== null && !isGiven(kind, plan.execution));
  const estimate = timeText(estimateTime(plan, earlier, idle_s));
  return planTime(
    estimate,
    longestText(plan, gaps),
    gapsPlanned(gaps, isMachine ? "machine" : "given"),
    isOneByOne,
  );
}

/** An estimate in words. */
export function timeText(estimate: TimeEstimate): string {
  switch (estimate.kind) {
    case "earlier":
      return timeFromEarlier(estimate.seconds, estimate.studies);
    case "least":
      return timeAtLeast(estimate.seconds, estimate.parts);
    case "unknown":
      return timeUnknown();
  }
}

function longestText(
  plan: Plan,
  gaps: number,
): string {
  const { runs, execution: { study_timeout_seconds: limit, retries, ...execution } } = plan;
  const limits = runs.map((run) => runLimitSeconds(run.config, execution));
  const { starts } = serverStarts(runs);
  const later = mostRunsOf(plan) - runs.length;
  const servers = (starts + (starts > 0 ? later : 0)) * execution.server_ready_timeout_seconds;
  const once = limits.reduce((sum, seconds) => sum + seconds, servers) + later * largest(limits, 0);
  const all = once * (1 + retries) + gaps;
  if (limit !== null && limit < all) return timeLimit(limit, "study");
  return timeLimit(all, retries > 0 ? "runs and retries" : "runs");
}

/** Seconds of gaps before the runs that may be added, at most. */
function laterGaps(plan: Plan): number {
  const later = mostRunsOf(plan) - plan.runs.length;
  return later <= 0 ? 0 : later * Math.max(plan.gaps.experiment_s, plan.gaps.cycle_s);
}

function sharedLine(plan: Plan, paths: readonly string[]): string {
  const first = plan.runs[0]?.config;
  const shared = first === undefined ? [] : [
    ...(["backend", "model"] as const).filter((key) => !paths.includes(key)).map((key) =>
      `${key} ${printable(first[key])}`
    ),
    ...sharedLoad(plan, paths),
    ...plan.slo === null ? [] : [planSlo(plan.slo)],
  ];
  return planShared(shared, plan.cycle_order, plan.seed, plan.study_design_hash);
}

/** The load of a server, where all runs have the same. */
function sharedLoad({ runs }: Plan, paths: readonly string[]): string[] {
  const load = runs[0] === undefined ? null : servedLoadOf(runs[0].config);
  const varies = paths.some((path) => path === "backend" || NAMED_LOAD_FIELDS.has(path));
  return load === null || varies ? [] : [planLoad(printable(servedLoadText(load)))];
}

function runTable({ runs }: Plan, paths: readonly string[]): string {
  const columns = labelledPaths(paths, runs.some(({ config }) => servedLoadOf(config) !== null));
  const shown = runs.slice(0, MOST_ROWS);
  const rows = shown.map((run) => {
    const flat = flatten(run.config);
    const load = servedLoadOf(run.config);
    const values = columns.map((each) =>
      printable(clip(labelledCell(each, (path) => flat.get(path), load), CELL_WIDTH))
    );
    return [String(run.index), String(run.cycle), ...values];
  });
  const left = runs.length - shown.length;
  return textTable(["run", "cycle", ...columns.map(({ label, path }) => printable(path ?? label))], rows) +
    (left > 0 ? `${moreRuns(left)}\n` : "");
}

/** What is left out, each reason once. */
function skippedText(skipped: Plan["skipped"]): string {
  if (skipped.length === 0) return "";
  const groups = [...Map.groupBy(skipped, ({ reason }) => reason)];
  const lines = groups.slice(0, MOST_REASONS).map(([reason, points]) =>
    `${skippedPoints(points.length, printable(labelsText(points)), printable(reason))}\n`
  );
  const left = groups.length - lines.length;
  const more = left > 0 ? `${moreReasons(left)}\n` : "";
  return `\n${pointsSkipped(skipped.length)}\n${lines.join("")}${more}`;
}

function labelsText(points: Plan["skipped"]): string {
  const labels = [...new Set(points.map(({ label }) => label))];
  return labels.slice(0, MOST_LABELS).join("; ") + (labels.length > MOST_LABELS ? "; ..." : "");
}

/** What `plan --json` prints. */
interface PlanRecord {
  readonly study: Readonly<Record<string, unknown>>;
  readonly runs: readonly Readonly<Record<string, unknown>>[];
  /** Each once, in the order of the study file, with the values that tell it from the others. */
  readonly experiments: readonly Readonly<Record<string, unknown>>[];
  readonly skipped: Plan["skipped"];
  /** Left out where the study makes one run at a time. */
  readonly parallel?: Outlook;
  readonly warnings: readonly string[];
}

/** `plan --json`: one document; the field names are contract (DESIGN, Records). */
export function planRecord(
  plan: Plan,
  warnings: readonly Issue[],
  earlier: EarlierTimes = NO_EARLIER_TIMES,
  idle_s = 0,
  advice: RepeatAdvice | null = null,
  outlook: Outlook | null = null,
): PlanRecord {
  const { name, study_design_hash, n_experiments, n_cycles, runs, cycle_order, seed, gaps, skipped, search } =
    plan;
  const bounds = searchBounds(plan);
  const varied = variedReader(comparedConfigs(plan));
  return {
    study: {
      name,
      study_design_hash,
      n_experiments,
      n_cycles,
      n_runs: runs.length,
      cycle_order,
      seed,
      gaps,
      ...plan.slo === null ? {} : { slo: plan.slo },
      ...search === null
        ? {}
        : { search: { ...search, most_probes: bounds?.probes, most_runs: bounds?.runs } },
      ...untilRecord(plan),
      estimate: estimateTime(plan, earlier, idle_s),
      ...advice === null || advice.cycles.length === 0 ? {} : { advice },
    },
    runs: runs.map(({ index, config_hash, cycle, config, gap_before }) => ({
      index,
      config_hash,
      cycle,
      backend: config.backend,
      model: config.model,
      gap_before,
      config,
    })),
    experiments: inStudyOrder(plan).map(({ config_hash, config }) => ({
      config_hash,
      varied: varied(config),
    })),
    skipped,
    ...outlook === null ? {} : { parallel: outlook },
    warnings: warnings.map(formatIssue),
  };
}

function untilRecord(plan: Plan): Readonly<Record<string, unknown>> {
  const { until, min_cycles, max_cycles, time_budget_seconds } = plan.execution;
  if (until === null) return {};
  return { until: { widths: until, min_cycles, max_cycles, time_budget_seconds, most_runs: mostRuns(plan) } };
}

/** The record as JSON text in pieces: a plan of many runs is too long to be held as one. */
export function* planJson(
  plan: Plan,
  warnings: readonly Issue[],
  earlier: EarlierTimes = NO_EARLIER_TIMES,
  idle_s = 0,
  advice: RepeatAdvice | null = null,
  outlook: Outlook | null = null,
): Generator<string> {
  const { study, runs, ...rest } = planRecord(plan, warnings, earlier, idle_s, advice, outlook);
  yield `{"study":${jsonText(study)},"runs":[`;
  for (let from = 0; from < runs.length; from += RUNS_PER_PIECE) {
    const piece = jsonText(runs.slice(from, from + RUNS_PER_PIECE)).slice(1, -1);
    yield from === 0 ? piece : `,${piece}`;
  }
  yield `],${jsonText(rest).slice(1)}`;
}
