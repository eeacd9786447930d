/**
 * lib/plan owns the decisions between a checked study and its runs: expansion, rules, identity, order, gaps, limits.
 * It is pure: it starts nothing, reads no file and no clock.
 */
import type { Issue } from "../base/issue.ts";
import { hash16 } from "../base/canonical_json.ts";
import type { JsonObject } from "../base/json.ts";
import { designHash } from "../experiment/identity.ts";
import { sharedServer } from "../experiment/own_server.ts";
import { servedLoadOf } from "../experiment/load.ts";
import { brokenRules } from "../experiment/rules.ts";
import type { Run } from "../experiment/run.ts";
import { loadAt, withLoad } from "../experiment/searched_load.ts";
import type { Study } from "../study/study.ts";
import { NO_METERING } from "../study/user_config.ts";
import { orderRuns } from "./cycle_order.ts";
import { drawSeed } from "./draw_seed.ts";
import { countPoints } from "./expand_grid.ts";
import { type Experiment, type Experiments, makeExperiments } from "./experiments.ts";
import { gapsBefore, gapsOf } from "./gaps.ts";
import { mergeEqual } from "./merge_equal.ts";
import { mostPointsSkipped, nothingToRun, rampSearched, searchEndsBadly, tooManyRuns } from "./messages.ts";
import type { Plan, PlanFacts, Planning } from "./plan.ts";
import { shortWindowWarnings } from "./short_windows.ts";

/** More runs than this are a slip: they would take months, and their records more memory than a runner should. */
const MOST_RUNS = 1_000_000;

/** Where no run holds a GPU there is nothing to cool. */
const NO_GAPS = { experiment_s: 0, cycle_s: 0 };

/** Expands a study into its ordered runs. Never throws; all mistakes come at once. */
export function makePlan(study: Study, facts: PlanFacts): Planning {
  const tooMany = runsIssue(
    study,
    (study.grid === null ? 0 : countPoints(study.grid)) + study.entries.length,
  );
  if (tooMany !== null) return { plan: null, issues: [tooMany], warnings: [] };
  const made = makeExperiments(study);
  const { experiments, warnings } = mergeEqual(made.experiments);
  const issues = [...made.issues, ...emptyIssues(study, made), ...searchIssues(study, experiments)];
  const windows = shortWindowWarnings(experiments, {
    metering: facts.metering ?? NO_METERING,
    hasMeter: facts.hasMeter ?? (() => true),
    place: study.min_seconds_place,
  });
  const told = [...skipWarnings(study, made), ...warnings, ...windows];
  if (issues.length > 0) return { plan: null, issues, warnings: told };
  return { plan: planOf(study, facts, { ...made, experiments }), issues: [], warnings: told };
}

function planOf(study: Study, facts: PlanFacts, { experiments, skipped }: Experiments): Plan {
  const { execution } = study;
  const hashes = experiments.map((experiment) => experiment.hash);
  // The experiments that a search makes of them are of the design as well.
  const hash = designHash(study.search === null ? hashes : [...hashes, hash16({ ...study.search })]);
  const seed = seedOf(study, experiments, hash);
  const holdsGpu = facts.holdsGpu ?? (() => true);
  const gaps = gapsOf(execution, experiments.some(({ config }) => holdsGpu(config)) ? facts.gaps : NO_GAPS);
  const cycles = { order: execution.cycle_order, count: execution.n_cycles, seed: seed ?? 0 };
  const locations = orderRuns(experiments, cycles, ({ config }) => sharedServer(config));
  const placed = locations.map(({ item, cycle }) => ({ config_hash: item.hash, cycle, config: item.config }));
  const between = gapsBefore(placed, { order: cycles.order, gaps, execution, holdsGpu });
  const runs = placed.map((run, index): Run => ({
    index: index + 1,
    ...run,
    gap_before: between[index] ?? null,
  }));
  return {
    name: study.name,
    kind: study.kind,
    study_design_hash: hash,
    n_experiments: experiments.length,
    n_cycles: execution.n_cycles,
    cycle_order: execution.cycle_order,
    seed,
    gaps,
    runs,
    skipped,
    secrets: Object.fromEntries(
      experiments.filter(({ secrets }) => secrets.length > 0).map(({ hash, secrets }) => [hash, secrets]),
    ),
    execution,
    cluster: study.cluster,
    slo: study.slo,
    search: study.search,
    runners: study.runners,
    metering: facts.metering ?? NO_METERING,
  };
}

/** The seed of a shuffled order, as the study gives it or drawn from its design; null for the other orders. */
function seedOf({ execution }: Study, experiments: readonly Experiment[], hash: string): number | null {
  if (execution.cycle_order !== "shuffled") return null;
  return execution.shuffle_seed ?? drawSeed(experiments.map(({ config }) => config), hash);
}

function runsIssue({ execution, file, grid }: Study, experiments: number): Issue | null {
  const setting = execution.until === null ? "n_cycles" : "max_cycles";
  const cycles = execution[setting];
  if (experiments * cycles <= MOST_RUNS) return null;
  return {
    ...grid?.location ?? { file, line: null, column: null },
    path: grid === null ? "experiments" : "sweep",
    ...tooManyRuns({ experiments, cycles, most: MOST_RUNS, setting }),
  };
}

function emptyIssues(study: Study, { experiments, skipped, issues }: Experiments): Issue[] {
  if (experiments.length > 0 || issues.length > 0 || study.grid === null) return [];
  const reasons = [...new Set(skipped.map(({ reason }) => reason))].slice(0, 3);
  const message = nothingToRun(skipped.length, reasons);
  return [{ ...study.grid.location, path: "sweep", message, hint: null }];
}

/** What keeps a search from going up to its highest load where its first probe is one. */
function searchIssues({ search }: Study, experiments: readonly Experiment[]): Issue[] {
  if (search === null) return [];
  for (const { config, location } of experiments) {
    if (loadAt(config, search.over) === null) continue;
    if (servedLoadOf(config)?.kind === "ramp") {
      return [{ ...location, path: "search.over", ...rampSearched(search.over) }];
    }
    const [broken] = brokenRules(withLoad(config, search.over, search.to) as JsonObject);
    if (broken !== undefined) return [{ ...location, path: "search.to", ...searchEndsBadly(broken) }];
  }
  return [];
}

function skipWarnings(study: Study, { experiments, skipped }: Experiments): Issue[] {
  const total = experiments.length + skipped.length;
  if (study.grid === null || experiments.length === 0 || skipped.length * 2 <= total) return [];
  const text = mostPointsSkipped({ skipped: skipped.length, all: total, reason: skipped[0]?.reason ?? "" });
  return [{ ...study.grid.location, path: "sweep", ...text }];
}
