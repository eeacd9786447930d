import { LLEM_VERSION } from "../base/version.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { type ServedLoad, servedLoadOf } from "../experiment/load.ts";
import { CLIENT_LIMITED, type RunStatus } from "../experiment/outcome.ts";
import { MAX_STUDY_METRICS } from "../protocol/bounds.ts";
import type { RunAbout } from "./about.ts";
import { type ComparedRows, comparedRows } from "./compared_rows.ts";
import type { RunEnergy, ServedWithoutEnergy } from "./energy/run_energy.ts";
import { type EnergySummary, summariseEnergy } from "./energy/summary.ts";
import type { NoEnergyCode } from "./energy/facts.ts";
import type { SloVerdict } from "./goodput.ts";
import { HEADLINE_METRICS, isHeadline } from "./headline.ts";
import { memoryOfAll, type MemoryUse } from "./memory_use.ts";
import type { Search } from "../study/search_schema.ts";
import type { Slo } from "../study/slo_schema.ts";
import { type Spread, spread } from "../statistics/spread.ts";
import { type SearchSummary, summariseSearch } from "./search_summary.ts";
import type { RunCompany } from "./run_company.ts";
import type { SentLoad } from "./sent_load.ts";
import type { RowWidth, UntilSummary } from "./until_summary.ts";
import { type SharedInputs, sharedInputs } from "./shared_inputs.ts";
import { variedReader, type VariedValues } from "./varied.ts";

/** The end of one run (its last attempt), as far as a summary needs it. */
export interface RunSummary {
  readonly config_hash: string;
  /** By what runs of several studies are joined; left out where that is not known. */
  readonly join_hash?: string | null;
  readonly cycle: number;
  readonly status: RunStatus;
  readonly duration_s: number;
  readonly metrics: Readonly<Record<string, number | null>>;
  /** Null where the run has no energy. */
  readonly energy: RunEnergy | null;
  /** Why a run that a server did has none; left out for any other, as is its code. */
  readonly energy_reason?: string;
  readonly energy_reason_code?: NoEnergyCode;
  /** Left out where there is nothing to say: the first attempt, no flag and no warning. */
  readonly marks?: RunMarks;
  /** Left out where there is no record of it. */
  readonly about?: RunAbout;
  /** Left out where the study makes no promise, and where there is no verdict by its present one. */
  readonly slo?: Pick<SloVerdict, "met" | "certified">;
  /** How much of its load was sent; left out where nobody tells. */
  readonly sent?: SentLoad;
  /** True where there is a verdict by other limits than the study has now. */
  readonly other_slo?: boolean;
  /** Of the tokens of its prompts; left out where the worker does not tell, as are the next four. */
  readonly input_hash?: string;
  /** Of the tokens or the text that it gave; left out where the worker does not tell. */
  readonly output_hash?: string;
  readonly memory?: MemoryUse;
  /** Why it has no rates of prefill and decode. */
  readonly phases_reason?: string;
  /** Why times between tokens are missing, of some of its requests or of all; left out where none is. */
  readonly itl_reason?: string;
  /** Left out where runs are made one at a time. */
  readonly parallel?: RunCompany;
}

/** Completed runs of an experiment by what became of the study's `slo`. */
export interface SloSummary {
  readonly met: number;
  readonly missed: number;
  /** It hangs on requests that cannot be judged, or none was measured, or it was judged by other limits. */
  readonly unknown: number;
  /** Those of `met` for which it is proven at 99 % confidence. */
  readonly certified: number;
}

/** What may explain a number that is unlike the others. */
export interface RunMarks {
  /** Above 1 where earlier attempts of the run failed. */
  readonly attempt: number;
  readonly flags: readonly string[];
  /** Codes. */
  readonly warnings: readonly string[];
}

/** One experiment over its cycles. Metrics are over completed runs only. */
export interface SummaryRow extends ComparedRows {
  readonly config_hash: string;
  /** By what rows of several studies are joined: the same with model and prompts by their content; null where unknown. */
  readonly join_hash: string | null;
  readonly model: string;
  readonly backend: string;
  /** The values that tell this experiment from the others, by dotted path. */
  readonly varied: VariedValues;
  /** When a server is sent its requests; left out where the engine is no server. */
  readonly load?: ServedLoad;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly pending: number;
  readonly metrics: Readonly<Record<string, Spread | null>>;
  /** Over completed runs; null where none has energy. */
  readonly energy: EnergySummary | null;
  /** Why there is none, where a server did the work: of the first run without. Left out for any other. */
  readonly energy_reason?: string;
  readonly energy_reason_code?: NoEnergyCode;
  /** What its memory was for; left out where no worker tells. */
  readonly memory?: MemoryUse;
  /** Why there are no rates of prefill and decode: of the first run without. Left out where no worker tells. */
  readonly phases_reason?: string;
  /** Why times between tokens are missing: of the first run that lacks some. Left out where none does. */
  readonly itl_reason?: string;
  /** Left out where the study makes no promise. */
  readonly slo?: SloSummary;
  /** The cycles that completed, in order. */
  readonly cycles: readonly number[];
  /** Each metric in each of these cycles; a metric that none of them has is left out. In `show --json`, not in summary.json. */
  readonly values?: Readonly<Record<string, readonly (number | null)[]>>;
  /** Runs in which other processes took CPU time from this one. */
  readonly contended: number;
  /** Runs whose latencies are marginal, as the client was a limit; left out where there is none. */
  readonly client_limited?: number;
  /** Completed runs of which something is to be known, by cycle. */
  readonly marks: readonly (RunMarks & { readonly cycle: number })[];
  /** How its completed runs shared the machine, by cycle; left out where runs are made one at a time. */
  readonly parallel?: readonly (RunCompany & { readonly cycle: number })[];
  /** How well metrics are known; left out where the number of cycles is fixed. */
  readonly until?: Readonly<Record<string, RowWidth>>;
}

/** summary.json. */
export interface Summary {
  readonly schema: "llem.summary/1";
  readonly llem_version: string;
  readonly study_name: string | null;
  readonly study_design_hash: string;
  readonly n_cycles: number;
  /** What ran on what: each that occurs, in the order of rows. */
  readonly about: readonly RunAbout[];
  /** Whether several engines were given the same tokens; left out where there is nothing to compare. */
  readonly inputs?: SharedInputs;
  /** What results are judged by; left out where the study makes no promise, as is the next. */
  readonly slo?: Slo;
  /** Completed runs that were judged by other limits. */
  readonly judged_otherwise?: number;
  /** In the order of the study file, whatever the order of the runs. */
  readonly rows: readonly SummaryRow[];
  /** Left out where the study looks for no load. */
  readonly search?: SearchSummary;
  /** Left out where the number of cycles is fixed. */
  readonly until?: UntilSummary;
}

export interface SummaryExperiment {
  readonly config_hash: string;
  readonly config: ExperimentConfig;
  /** Runs of it that the study has, made or not. */
  readonly n_runs: number;
}

/** What the summary takes from the plan. */
export interface SummaryStudy {
  readonly name: string | null;
  readonly study_design_hash: string;
  readonly n_cycles: number;
  readonly experiments: readonly SummaryExperiment[];
  /** Left out, or null, where it has none. */
  readonly search?: Search | null;
  /** Null, or left out, where it makes no promise. */
  readonly slo?: Slo | null;
}

/** One row per experiment, in the order of the study, with statistics over its cycles. */
export function summarise(study: SummaryStudy, runs: readonly RunSummary[]): Summary {
  const byHash = Map.groupBy(runs, (run) => run.config_hash);
  const names = metricNames(runs);
  const varied = variedReader(study.experiments.map(({ config }) => config));
  const made = study.experiments.map(({ config_hash, config, n_runs }): MadeRow => {
    const own = byHash.get(config_hash) ?? [];
    const completed = own.filter((run) => run.status === "completed").sort((a, b) => a.cycle - b.cycle);
    const of = (status: RunStatus): number => own.filter((run) => run.status === status).length;
    const cycles = completed.map(({ cycle }) => cycle);
    const load = servedLoadOf(config);
    const values = valuesByMetric(completed, names);
    return {
      config_hash,
      join_hash: own.map((run) => run.join_hash ?? null).find((hash) => hash !== null) ?? null,
      model: config.model,
      backend: config.backend,
      varied: varied(config),
      ...load === null ? {} : { load },
      completed: of("completed"),
      failed: of("failed"),
      interrupted: of("interrupted"),
      pending: n_runs - own.length,
      metrics: spreads(values),
      energy: summariseEnergy(completed.map((run) => run.energy)),
      ...firstWithoutEnergy(completed),
      ...memoryOfRuns(completed),
      ...firstWithoutItl(completed),
      ...firstWithoutPhases(completed),
      ...(study.slo ?? null) === null ? {} : { slo: summariseSlo(completed) },
      cycles,
      values,
      contended: countOf(completed, CONTENDED),
      ...countOf(completed, CLIENT_LIMITED) === 0
        ? {}
        : { client_limited: countOf(completed, CLIENT_LIMITED) },
      ...companyOfAll(completed),
      marks: completed.flatMap(({ cycle, marks }) => marks === undefined ? [] : [{ cycle, ...marks }]),
    };
  });
  const { name, study_design_hash, n_cycles, slo = null, search = null } = study;
  const rows = comparedRows(made);
  const configs = new Map(study.experiments.map(({ config_hash, config }) => [config_hash, config]));
  const inputs = sharedInputs(study.experiments.map(({ config_hash, config }) => ({
    config,
    input_hashes: (byHash.get(config_hash) ?? []).flatMap(({ input_hash }) => input_hash ?? []),
  })));
  const judged_otherwise = runs.filter(({ other_slo }) => other_slo === true).length;
  return {
    schema: "llem.summary/1",
    llem_version: LLEM_VERSION,
    study_name: name,
    study_design_hash,
    n_cycles,
    about: aboutOfAll(study, byHash),
    ...inputs === null ? {} : { inputs },
    ...slo === null ? {} : { slo, judged_otherwise },
    rows,
    ...search === null ? {} : { search: summariseSearch({ search, n_cycles, configs }, rows, runs) },
  };
}

function firstWithoutEnergy(runs: readonly RunSummary[]): ServedWithoutEnergy {
  const { energy_reason, energy_reason_code } = runs.find((run) => run.energy_reason !== undefined) ?? {};
  return energy_reason === undefined || energy_reason_code === undefined
    ? {}
    : { energy_reason, energy_reason_code };
}

function companyOfAll(runs: readonly RunSummary[]): Pick<SummaryRow, "parallel"> {
  const found = runs.flatMap(({ cycle, parallel }) => parallel === undefined ? [] : [{ cycle, ...parallel }]);
  return found.length === 0 ? {} : { parallel: found };
}

function memoryOfRuns(runs: readonly RunSummary[]): Pick<SummaryRow, "memory"> {
  const memory = memoryOfAll(runs.flatMap((run) => run.memory ?? []));
  return memory === null ? {} : { memory };
}

function firstWithoutItl(runs: readonly RunSummary[]): Pick<SummaryRow, "itl_reason"> {
  const reason = runs.find((run) => run.itl_reason !== undefined)?.itl_reason;
  return reason === undefined ? {} : { itl_reason: reason };
}

function firstWithoutPhases(runs: readonly RunSummary[]): Pick<SummaryRow, "phases_reason"> {
  const reason = runs.find((run) => run.phases_reason !== undefined)?.phases_reason;
  return reason === undefined ? {} : { phases_reason: reason };
}

function summariseSlo(completed: readonly RunSummary[]): SloSummary {
  const of = (met: boolean | null): number =>
    completed.filter(({ slo }) => (slo?.met ?? null) === met).length;
  const certified = completed.filter(({ slo }) => slo?.certified === true).length;
  return { met: of(true), missed: of(false), unknown: of(null), certified };
}

function countOf(runs: readonly RunSummary[], flag: string): number {
  return runs.filter(({ marks }) => marks?.flags.includes(flag) === true).length;
}

/** The flag of a run during which others took CPU time from it. */
const CONTENDED = "contended";
type MetricValues = Readonly<Record<string, readonly (number | null)[]>>;
type MadeRow = Omit<SummaryRow, keyof ComparedRows | "values"> & { readonly values: MetricValues };

/** Each that occurs once; what differs in a version or a device is another one. */
function aboutOfAll(
  { experiments }: SummaryStudy,
  byHash: ReadonlyMap<string, readonly RunSummary[]>,
): RunAbout[] {
  const all = new Set<RunAbout>();
  for (const { config_hash } of experiments) {
    for (const { about } of byHash.get(config_hash) ?? []) if (about !== undefined) all.add(about);
  }
  return [...new Map([...all].map((about) => [JSON.stringify(about), about])).values()];
}

/** Workers may name as many numbers as they like, and each is a column of every row: of their own, the first ones count. */
function metricNames(runs: readonly RunSummary[]): ReadonlySet<string> {
  const names = new Set<string>(HEADLINE_METRICS);
  for (const { metrics } of runs) {
    for (const name of Object.keys(metrics)) {
      if (names.size >= HEADLINE_METRICS.length + MAX_STUDY_METRICS) return names;
      names.add(name);
    }
  }
  return names;
}

/** Every metric that one of the runs has, in the order of the runs. */
function valuesByMetric(runs: readonly RunSummary[], known: ReadonlySet<string>): MetricValues {
  const values: Record<string, (number | null)[]> = {};
  const take = (name: string): void => {
    values[name] = runs.map(({ metrics }) => metrics[name] ?? null);
  };
  const has = (name: string): boolean => runs.some(({ metrics }) => (metrics[name] ?? null) !== null);
  for (const name of HEADLINE_METRICS) if (has(name)) take(name);
  for (const { metrics } of runs) {
    for (const name of Object.keys(metrics)) {
      const isNew = !isHeadline(name) && !Object.hasOwn(values, name);
      if (isNew && metrics[name] !== null && known.has(name)) take(name);
    }
  }
  return values;
}

/** Over the runs that gave the number; every headline metric is there, null where no run gave it. */
function spreads(values: MetricValues): Record<string, Spread | null> {
  const found: Record<string, Spread | null> = {};
  for (const name of HEADLINE_METRICS) found[name] = spreadOf(values[name] ?? []);
  for (const name of Object.keys(values)) if (!isHeadline(name)) found[name] = spreadOf(values[name] ?? []);
  return found;
}

function spreadOf(values: readonly (number | null)[]): Spread | null {
  return spread(values.filter((value) => value !== null));
}
