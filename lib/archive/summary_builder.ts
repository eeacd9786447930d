import { join } from "node:path";
import { statusOf } from "../experiment/outcome.ts";
import { type Run, runKey } from "../experiment/run.ts";
import { firstProbeHash, isWholeLoad, loadAt } from "../experiment/searched_load.ts";
import { withAdded } from "../journal/added_runs.ts";
import type { RunFinished } from "../journal/event.ts";
import type { StudyState } from "../journal/fold.ts";
import type { Plan } from "../plan/plan.ts";
import { inStudyOrder } from "../plan/study_order.ts";
import { runEnergy, servedWithoutEnergy } from "../results/energy/run_energy.ts";
import { isSameSlo } from "../results/goodput.ts";
import { headline } from "../results/headline.ts";
import {
  type RunMarks,
  type RunSummary,
  type SloSummary,
  summarise,
  type Summary,
  type SummaryExperiment,
} from "../results/summary.ts";
import { aboutOf, type RunAbout } from "../results/about.ts";
import { circumstancesOf } from "../results/circumstances.ts";
import type { Circumstances } from "../results/study_table.ts";
import { memoryUse } from "../results/memory_use.ts";
import type { ResultRecord } from "../results/record.ts";
import { companyOf } from "../results/run_company.ts";
import { sentLoadOf } from "../results/sent_load.ts";
import { verdictOf } from "../results/search_summary.ts";
import { summaryCsvPieces } from "../results/summary_csv.ts";
import { summaryJsonPieces } from "../results/summary_json.ts";
import { withWidths } from "../results/with_widths.ts";
import type { Look } from "../statistics/look.ts";
import type { LoadVerdict } from "../statistics/load_search.ts";
import { type Disk, realDisk } from "../storage/disk.ts";
import type { Search } from "../study/search_schema.ts";
import type { Slo } from "../study/slo_schema.ts";
import { summaryNotWritten } from "./messages.ts";
import { readResult } from "./read_result.ts";

/** Collects the end of every run of a study, also of earlier sessions, and turns them into the summary. */
export class SummaryBuilder {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #plan: Plan;
  #look: Look | null;
  /** Of what is known now; null until somebody asks. */
  #summary: Summary | null = null;
  /** By their hash: in the order of the study file, then in the order in which they were added. */
  readonly #experiments = new Map<string, SummaryExperiment>();
  readonly #runs = new Map<string, RunSummary>();
  /** Each that differs once, by its JSON: thousands of runs are about the same. */
  readonly #abouts = new Map<string, RunAbout>();
  readonly #circumstances = new Map<string, Circumstances>();
  /** The same for what runs depend on. */
  readonly #sharedCircumstances = new Map<string, Circumstances>();
  /** Completed runs that do not count, as their results are gone or damaged. */
  readonly missing: readonly RunFinished[];

  constructor(disk: Disk, dir: string, plan: Plan, state: StudyState) {
    this.#disk = disk;
    this.#dir = dir;
    this.#plan = plan;
    this.#look = state.look;
    const runs = withAdded(plan.runs, state.added);
    // A plan that was read back holds what was added as well, and the order of the study is that of its first runs.
    const planned = { ...plan, runs: plan.runs.slice(0, plan.n_experiments * plan.n_cycles) };
    for (const { config_hash, config } of inStudyOrder(planned)) {
      this.#experiments.set(config_hash, { config_hash, config, n_runs: 0 });
    }
    this.grow(runs);
    const missing: RunFinished[] = [];
    for (const [key, { finished }] of state.entries) {
      if (finished === null || finished.kind === "lost") continue;
      const run = this.#summaryOf(finished);
      if (run === null) missing.push(finished);
      else this.#runs.set(key, run);
    }
    this.missing = missing;
  }

  /** The study has these runs, too. */
  grow(runs: readonly Run[]): void {
    this.#summary = null;
    for (const { config_hash, config } of runs) {
      const n_runs = (this.#experiments.get(config_hash)?.n_runs ?? 0) + 1;
      this.#experiments.set(config_hash, { config_hash, config, n_runs });
    }
  }

  take({ record }: { readonly record: ResultRecord }): void {
    this.#summary = null;
    this.#runs.set(runKey(record.run), this.#ofRecord(record));
  }

  /** Made once of the same results: a study of thousands of runs takes a second, and its end asks several times. */
  summary(): Summary {
    this.#summary ??= this.#summarise();
    return this.#summary;
  }

  #summarise(): Summary {
    const { name, study_design_hash, n_cycles, slo, search } = this.#plan;
    const experiments = searchedOrder(search, [...this.#experiments.values()]);
    const summary = summarise({ name, study_design_hash, n_cycles, experiments, slo, search }, [
      ...this.#runs.values(),
    ]);
    return withWidths(summary, this.#plan.execution, this.#look);
  }

  /** The results were looked at. */
  look(look: Look): void {
    this.#summary = null;
    this.#look = look;
  }

  /** What is known of a run: its numbers, and what they depend on; null where it has no result. */
  runOf(
    run: { readonly config_hash: string; readonly cycle: number },
  ): { readonly summary: RunSummary; readonly circumstances: Circumstances | null } | null {
    const summary = this.#runs.get(runKey(run));
    return summary === undefined
      ? null
      : { summary, circumstances: this.#circumstances.get(runKey(run)) ?? null };
  }

  /** How a run did for the search of the study: null while it is not over. */
  verdictOf(run: { readonly config_hash: string; readonly cycle: number }): LoadVerdict | null {
    const made = this.#runs.get(runKey(run));
    const { search } = this.#plan;
    const config = this.#experiments.get(run.config_hash)?.config;
    const load = search === null || config === undefined ? null : loadAt(config, search.over);
    if (search === null || made === undefined || load === null) return null;
    return verdictOf(made, { load, whole: isWholeLoad(search.over) });
  }

  /** Writes summary.json and summary.csv; throws what the system threw. */
  save(): void {
    const summary = this.summary();
    this.#disk.replace(join(this.#dir, "summary.json"), encoded(summaryJsonPieces(summary)));
    this.#disk.replace(join(this.#dir, "summary.csv"), encoded(summaryCsvPieces(summary)));
  }

  /** A run that a journal knows, with the numbers of its result file; null for a completed one without them. */
  #summaryOf(finished: RunFinished): RunSummary | null {
    const record = readResult(this.#dir, finished);
    if (record !== null) return this.#ofRecord(record);
    const { config_hash, cycle, kind, duration_s } = finished;
    if (kind === "completed") return null;
    const status = statusOf(kind);
    return { config_hash, join_hash: null, cycle, status, duration_s, metrics: {}, energy: null };
  }

  #ofRecord(saved: ResultRecord): RunSummary {
    const { slo } = this.#plan;
    const record = judgedRecord(saved, slo);
    const { run: { config_hash, join_hash, cycle }, outcome, timing: { duration_s } } = record;
    const status = statusOf(outcome.kind);
    const marks = marksOf(record);
    const sent = sentLoadOf(record);
    const { input_hash, output_hash, phases_reason } = record.measurement?.metrics ?? {};
    const memory = memoryUse(record);
    const parallel = companyOf(record);
    const itl_reason = record.latency?.itl_untold?.reason;
    this.#circumstances.set(runKey(record.run), shared(this.#sharedCircumstances, circumstancesOf(record)));
    return {
      config_hash,
      join_hash: join_hash ?? null,
      cycle,
      status,
      duration_s,
      metrics: headline(record),
      energy: runEnergy(record),
      ...sent === null ? {} : { sent },
      ...servedWithoutEnergy(record),
      ...marks === null ? {} : { marks },
      ...parallel === null ? {} : { parallel },
      ...record.slo === undefined ? {} : { slo: { met: record.slo.met, certified: record.slo.certified } },
      ...slo !== null && saved.slo !== undefined && record.slo === undefined ? { other_slo: true } : {},
      ...status === "completed" ? { about: shared(this.#abouts, aboutOf(record)) } : {},
      ...status === "completed" && typeof input_hash === "string" ? { input_hash } : {},
      ...status === "completed" && typeof output_hash === "string" ? { output_hash } : {},
      ...memory === null ? {} : { memory },
      ...status === "completed" && typeof phases_reason === "string" ? { phases_reason } : {},
      ...itl_reason === undefined ? {} : { itl_reason },
    };
  }
}

/** The one that is known by the same JSON, else this one, which is then known. */
function shared<Value>(known: Map<string, Value>, value: Value): Value {
  const key = JSON.stringify(value);
  const before = known.get(key) ?? value;
  known.set(key, before);
  return before;
}

function* encoded(pieces: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const piece of pieces) yield encoder.encode(piece);
}

/** Results are on disk by now; a summary can always be made again with `llem show`, so a failure is only told. */
export function saveSummary(keeper: SummaryBuilder, tell: (text: string) => void): void {
  try {
    keeper.save();
  } catch (error) {
    tell(summaryNotWritten((error as Error).message));
  }
}

/** The probes of an experiment together, from the lowest load up. */
function searchedOrder(
  search: Search | null,
  experiments: readonly SummaryExperiment[],
): SummaryExperiment[] {
  if (search === null) return [...experiments];
  const groups = Map.groupBy(
    experiments,
    ({ config, config_hash }) =>
      loadAt(config, search.over) === null ? config_hash : firstProbeHash(config, search),
  );
  return [...groups.values()].flatMap((probes) =>
    probes.toSorted((one, other) =>
      (loadAt(one.config, search.over) ?? 0) - (loadAt(other.config, search.over) ?? 0)
    )
  );
}

/** What became of the promise of a study in its completed runs. */
export function sloOfRuns(dir: string, plan: Plan, state: StudyState): SloSummary {
  const { rows } = new SummaryBuilder(realDisk, dir, plan, state).summary();
  const sum = (name: keyof SloSummary): number => rows.reduce((all, { slo }) => all + (slo?.[name] ?? 0), 0);
  return { met: sum("met"), missed: sum("missed"), unknown: sum("unknown"), certified: sum("certified") };
}

/** Without a verdict by other limits than the study has now. */
function judgedRecord(record: ResultRecord, slo: Slo | null): ResultRecord {
  if (record.slo === undefined || isSameSlo(record.slo.limits, slo)) return record;
  const { slo: _, ...rest } = record;
  return rest;
}

/** Null where there is nothing to say of the run. */
function marksOf({ run: { attempt }, outcome: { flags }, warnings }: ResultRecord): RunMarks | null {
  const codes = [...new Set(warnings.map(({ code }) => code))];
  return attempt === 1 && flags.length === 0 && codes.length === 0
    ? null
    : { attempt, flags, warnings: codes };
}
