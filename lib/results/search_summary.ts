import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunStatus } from "../experiment/outcome.ts";
import { firstProbeHash, isWholeLoad, loadAt } from "../experiment/searched_load.ts";
import { bracketLoad, type LoadVerdict, togetherVerdict } from "../statistics/load_search.ts";
import type { Spread } from "../statistics/spread.ts";
import { rangeOf, type Search } from "../study/search_schema.ts";
import type { EnergyVerdict } from "./energy/record.ts";
import type { SloVerdict } from "./goodput.ts";
import type { SentLoad } from "./sent_load.ts";
import type { VariedValues } from "./varied.ts";

/** `search` of summary.json: the highest load that keeps the promise, for each experiment that was searched. */
export interface SearchSummary extends Search {
  /** In the order of the study file. */
  readonly found: readonly FoundLoad[];
}

/**
 * - found: `highest` keeps it and `above` does not, no further apart than the resolution
 * - none: the lowest load does not keep it
 * - at_most: the highest load of the search keeps it, so that the limit lies above
 * - open: the search is not over
 */
export type SearchEnd = "found" | "none" | "at_most" | "open";

/** What the search of one experiment has found. */
export interface FoundLoad {
  /** Of its first probe. */
  readonly config_hash: string;
  /** The values that tell it from the other experiments, the load left out. */
  readonly varied: VariedValues;
  readonly kind: SearchEnd;
  /** The highest load that keeps the promise, as far as the search has come; null where none is known to. */
  readonly highest: Probe | null;
  /** The next lower load that keeps it. */
  readonly below: Probe | null;
  /** The lowest load above `highest` that does not keep it. */
  readonly above: Probe | null;
  /** The load that is tried next; null where the search is over. */
  readonly next: number | null;
  /** All loads that were tried, from the lowest up. */
  readonly probes: readonly Probe[];
  /** A lower load that did not keep the promise, and the next higher one that did: noise, or no limit that load alone sets. */
  readonly contradictions: readonly { readonly missed: number; readonly met: number }[];
}

/** A load that was tried. */
export interface Probe {
  readonly load: number;
  readonly config_hash: string;
  /** Of all cycles together: met where each of them met it; null where one is to be made. */
  readonly verdict: LoadVerdict | null;
  /** In order of cycles. */
  readonly cycles: readonly (LoadVerdict | null)[];
  /** Share of requests that met it; this and the next over completed runs, null where none has the number. */
  readonly slo_share: number | null;
  readonly goodput_per_s: number | null;
  readonly output_tokens_per_s: number | null;
  readonly j_per_output_token: number | null;
  readonly j_per_good_request: number | null;
  /** The worst of its runs; null where none has energy. */
  readonly energy_verdict: EnergyVerdict | null;
}

/** The end of a run, as far as a search needs it. */
export interface SearchedRun {
  readonly config_hash: string;
  readonly cycle: number;
  readonly status: RunStatus;
  /** Whether it kept the promise; null, or left out, where that cannot be told. */
  readonly slo?: Pick<SloVerdict, "met">;
  /** Left out where nobody tells. */
  readonly sent?: SentLoad;
}

/** An experiment over its cycles. */
interface SearchedRow {
  readonly config_hash: string;
  readonly varied: VariedValues;
  readonly metrics: Readonly<Record<string, Spread | null>>;
  readonly energy: { readonly verdict: EnergyVerdict } | null;
}

/** Less than this part of a rate is another load. */
const LEAST_SENT = 0.95;

/**
 * How a run did for a search, at this load: null while it is not over. What the promise cannot be judged by has not kept
 * it, and no run has that sent less than it was to.
 */
export function verdictOf(
  { status, slo, sent }: Pick<SearchedRun, "status" | "slo" | "sent">,
  { load, whole }: { readonly load: number; readonly whole: boolean },
): LoadVerdict | null {
  if (status === "interrupted") return null;
  if (status === "failed") return "failed";
  if (slo?.met !== true) return slo?.met === false ? "missed" : "unjudged";
  if (sent?.overloaded === true) return "overloaded";
  const { achieved_share = null, most_in_flight = null } = sent ?? {};
  const isLess = whole
    ? most_in_flight !== null && most_in_flight < load
    : achieved_share !== null && achieved_share < LEAST_SENT;
  return isLess ? "not_sent" : "met";
}

/** What a summary takes a search from. */
export interface SearchedStudy {
  readonly search: Search;
  readonly n_cycles: number;
  /** Of every row, by hash. */
  readonly configs: ReadonlyMap<string, ExperimentConfig>;
}

/** `rows` and `runs` are those of the whole study. */
export function summariseSearch(
  { search, n_cycles, configs }: SearchedStudy,
  rows: readonly SearchedRow[],
  runs: readonly SearchedRun[],
): SearchSummary {
  const whole = isWholeLoad(search.over);
  const byKey = new Map(runs.map((run) => [`${run.config_hash}/${run.cycle}`, run]));
  const probes = rows.flatMap((row) => {
    const config = configs.get(row.config_hash);
    const load = config === undefined ? null : loadAt(config, search.over);
    if (config === undefined || load === null) return [];
    const cycles = Array.from({ length: n_cycles }, (_, index) => {
      const run = byKey.get(`${row.config_hash}/${index + 1}`);
      return run === undefined ? null : verdictOf(run, { load, whole });
    });
    return [{ first: firstProbeHash(config, search), row, probe: probeOf(row, load, cycles) }];
  });
  const found = [...Map.groupBy(probes, ({ first }) => first)].map(([config_hash, own]): FoundLoad => {
    const { [search.over]: _, ...varied } = own[0]?.row.varied ?? {};
    return { config_hash, varied, ...foundIn(search, own.map(({ probe }) => probe)) };
  });
  return { ...search, found };
}

function probeOf(
  { config_hash, metrics, energy }: SearchedRow,
  load: number,
  cycles: Probe["cycles"],
): Probe {
  const middle = (metric: string): number | null => metrics[metric]?.geomean ?? metrics[metric]?.mean ?? null;
  return {
    load,
    config_hash,
    verdict: togetherVerdict(cycles),
    cycles,
    slo_share: middle("slo_share"),
    goodput_per_s: middle("goodput_per_s"),
    output_tokens_per_s: middle("output_tokens_per_s"),
    j_per_output_token: middle("j_per_output_token"),
    j_per_good_request: middle("j_per_good_request"),
    energy_verdict: energy?.verdict ?? null,
  };
}

function foundIn(search: Search, tried: readonly Probe[]): Omit<FoundLoad, "config_hash" | "varied"> {
  const probes = tried.toSorted((one, other) => one.load - other.load);
  const at = (load: number | null): Probe | null => probes.find((probe) => probe.load === load) ?? null;
  const { kept, missed, next } = bracketLoad(rangeOf(search), (load) => {
    const verdict = at(load)?.verdict ?? null;
    return verdict === null ? null : verdict === "met";
  });
  const lower = probes.filter(({ load, verdict }) => kept !== null && load < kept && verdict === "met");
  return {
    kind: next !== null ? "open" : kept === null ? "none" : missed === null ? "at_most" : "found",
    highest: at(kept),
    below: lower.at(-1) ?? null,
    above: at(missed),
    next,
    probes,
    contradictions: probes.flatMap(({ load, verdict }, index) => {
      const higher = probes.slice(index + 1).find((probe) => probe.verdict === "met");
      return verdict === null || verdict === "met" || higher === undefined
        ? []
        : [{ missed: load, met: higher.load }];
    }),
  };
}
