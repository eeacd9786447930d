import type { ExperimentConfig } from "../experiment/config.ts";
import { configHash } from "../experiment/identity.ts";
import { sharedServer } from "../experiment/own_server.ts";
import { type Run, runKey } from "../experiment/run.ts";
import { firstProbeHash, loadAt, withLoad } from "../experiment/searched_load.ts";
import type { Secret } from "../experiment/secrets.ts";
import {
  bracketLoad,
  type LoadBracket,
  type LoadVerdict,
  mostLoads,
  togetherVerdict,
} from "../statistics/load_search.ts";
import { rangeOf, type Search } from "../study/search_schema.ts";
import { orderRuns } from "./cycle_order.ts";
import { numberedOn } from "./number_on.ts";
import type { Plan } from "./plan.ts";

// A plan with a search holds the first probe of each of its experiments. Every experiment that has the load is a search of
// its own; a probe is that experiment under another load, in every cycle of the study. Probes come in rounds: the next one
// of every search that goes on, ordered like the plan's own runs, once all runs before them have ended.

/** What growing a plan looks at. */
type SearchedPlan = Pick<
  Plan,
  "search" | "runs" | "n_cycles" | "cycle_order" | "seed" | "gaps" | "execution"
>;

/** Where the search of one experiment stands. */
export interface SearchStep extends LoadBracket {
  /** Of its first probe. */
  readonly config_hash: string;
  readonly config: ExperimentConfig;
}

/** What is known of a run: null while it is not over. */
export type VerdictOf = (run: Pick<Run, "config_hash" | "cycle">) => LoadVerdict | null;

/** Where the searches of a plan stand, by the verdicts on the runs so far; none where it has none. */
export function searchSteps(plan: SearchedPlan, verdictOf: VerdictOf): SearchStep[] {
  const { search, n_cycles } = plan;
  if (search === null) return [];
  const cycles = Array.from({ length: n_cycles }, (_, index) => index + 1);
  return firstProbes(plan, search).map(({ config, config_hash }) => {
    const keeps = (load: number): boolean | null => {
      const probe = probeOf({ config, config_hash }, search.over, load);
      const verdicts = cycles.map((cycle) => verdictOf({ config_hash: probe.config_hash, cycle }));
      const verdict = togetherVerdict(verdicts);
      return verdict === null ? null : verdict === "met";
    };
    return { config, config_hash, ...bracketLoad(rangeOf(search), keeps) };
  });
}

/**
 * The runs that the study gets next, where all that it has by now (`runs`: those of the plan and those that were added) are
 * over or left: one more probe of each search that goes on. None of a probe that the study has already.
 */
export function nextProbes(plan: SearchedPlan, runs: readonly Run[], steps: readonly SearchStep[]): Run[] {
  const { search, n_cycles, cycle_order, seed } = plan;
  if (search === null) return [];
  const next = steps.flatMap((step) => step.next === null ? [] : [probeOf(step, search.over, step.next)]);
  const known = new Set(runs.map(runKey));
  // Each round is shuffled anew.
  const order = { order: cycle_order, count: n_cycles, seed: (seed ?? 0) + runs.length };
  const placed = orderRuns(next, order, ({ config }) => sharedServer(config)).map(({ item, cycle }) => ({
    ...item,
    cycle,
  }));
  return numberedOn(plan, runs, placed.filter((run) => !known.has(runKey(run))));
}

/** An experiment under a load. */
type Probe = Pick<Run, "config" | "config_hash">;

function firstProbes({ runs }: SearchedPlan, { over, from }: Search): readonly Probe[] {
  const firsts = runs.filter(({ config }) => loadAt(config, over) === from);
  return [...new Map(firsts.map((run) => [run.config_hash, run])).values()];
}

function probeOf({ config: first, config_hash }: Probe, over: string, load: number): Probe {
  if (loadAt(first, over) === load) return { config: first, config_hash };
  const config = withLoad(first, over, load);
  return { config, config_hash: configHash(config) };
}

/** The most that a search makes of a plan. */
export interface SearchBounds {
  /** Experiments that are searched. */
  readonly experiments: number;
  /** Probes of each of them. */
  readonly probes: number;
  /** Runs of the study, those that the plan holds included. */
  readonly runs: number;
}

/** Null where the plan has no search. */
export function searchBounds(plan: Pick<Plan, "search" | "runs" | "n_cycles">): SearchBounds | null {
  const { search, runs, n_cycles } = plan;
  if (search === null) return null;
  const loads = runs.map(({ config }) => loadAt(config, search.over));
  const searched = runs.filter((_, index) => loads[index] === search.from);
  const others = loads.filter((load) => load === null).length;
  const experiments = new Set(searched.map(({ config_hash }) => config_hash)).size;
  const probes = mostLoads(rangeOf(search));
  return { experiments, probes, runs: others + experiments * n_cycles * probes };
}

/**
 * The experiments that a plan holds, each once; for one with a search another at its highest load, so that what tells
 * experiments apart has the load in it from the first run on.
 */
export function comparedConfigs({ runs, search }: Pick<Plan, "runs" | "search">): ExperimentConfig[] {
  const all = [...new Map(runs.map((run) => [run.config_hash, run.config])).values()];
  const searched = search === null ? undefined : all.find((config) => loadAt(config, search.over) !== null);
  return search === null || searched === undefined
    ? all
    : [...all, withLoad(searched, search.over, search.to)];
}

/** What was taken out of the configuration of a run; a probe's is that of the first one. */
export function secretsOf(
  { secrets, search }: Pick<Plan, "secrets" | "search">,
  { config_hash, config }: Pick<Run, "config_hash" | "config">,
): readonly Secret[] {
  const own = secrets[config_hash];
  if (own !== undefined || search === null || Object.keys(secrets).length === 0) return own ?? [];
  return secrets[firstProbeHash(config, search)] ?? [];
}
