import type { JsonObject } from "../base/json.ts";
import { LLEM_VERSION } from "../base/version.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { ownPrecision } from "../experiment/sections.ts";
import { type EntryStatus, type Run, runKey } from "../experiment/run.ts";
import type { Plan, Shard, SkippedPoint } from "../plan/plan.ts";
import { othersRuns } from "../plan/shard.ts";
import type { StudyAudit } from "../results/audit.ts";
import { shortModel } from "../results/run_folder.ts";
import { safeName } from "../storage/exclusive_folder.ts";
import { withAdded } from "./added_runs.ts";
import type { Entry, StudyState, StudyStatus } from "./fold.ts";

/** One run in manifest.json. The field names up to `completed_at` are those of llenergymeasure. */
export interface ManifestEntry {
  readonly config_hash: string;
  readonly config_summary: string;
  readonly cycle: number;
  readonly status: EntryStatus;
  readonly result_file: string | null;
  readonly error_type: string | null;
  readonly error_message: string | null;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly index: number;
  /** 0 while the run is pending. */
  readonly attempt: number;
  readonly outcome: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly duration_s: number | null;
  readonly warnings: readonly string[];
  /** Where its latest attempt was placed; left out where runs are made one at a time. */
  readonly placed?: { readonly slot: number; readonly devices: readonly string[] };
  /** Why it is pending and stays so here; left out for any other run. */
  readonly pending_reason?: "another shard's";
}

/** Everything of manifest.json but its entries. */
export interface ManifestHead {
  readonly schema: "llem.manifest/1";
  readonly llem_version: string;
  readonly study_name: string | null;
  readonly study_design_hash: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly status: StudyStatus;
  readonly total_experiments: number;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: number;
  /** Everything else, running and lost runs included: the four always add up to the total. */
  readonly pending: number;
  /** With `execution.until`: true until it is settled that no further cycle follows. Left out for a fixed number of cycles. */
  readonly open_ended?: boolean;
  readonly order: string;
  /** Those that the study has by now. */
  readonly n_cycles: number;
  readonly seed: number | null;
  readonly gaps: Plan["gaps"];
  readonly skipped: readonly SkippedPoint[];
  /** The part of the study that is made here; left out where that is all of it. */
  readonly shard?: Shard;
  /** What its audit came to; left out where it has none. */
  readonly audit?: StudyAudit;
}

export type Manifest = ManifestHead & { readonly experiments: readonly ManifestEntry[] };

/** manifest.json as a value, entries in run order. */
export function makeManifest(plan: Plan, state: StudyState): Manifest {
  const runs = withAdded(plan.runs, state.added);
  const others = othersRuns(plan);
  const experiments = runs.map((run) => manifestEntry(run, state.entries.get(runKey(run)), others));
  return {
    ...manifestHead(plan, state, countStatuses(experiments.map((entry) => entry.status))),
    experiments,
  };
}

export type StatusCounts = Readonly<Record<"total" | "completed" | "failed" | "interrupted", number>>;

function countStatuses(statuses: readonly EntryStatus[]): StatusCounts {
  const of = (wanted: EntryStatus): number => statuses.filter((status) => status === wanted).length;
  const total = statuses.length;
  return { total, completed: of("completed"), failed: of("failed"), interrupted: of("interrupted") };
}

/** The head, from counts that a caller may keep up to date by itself. */
export function manifestHead(
  plan: Plan,
  state: StudyState,
  { total, ...counts }: StatusCounts,
): ManifestHead {
  return {
    schema: "llem.manifest/1",
    llem_version: LLEM_VERSION,
    study_name: plan.name,
    study_design_hash: plan.study_design_hash,
    started_at: state.started_at,
    completed_at: state.completed_at,
    status: state.status,
    total_experiments: total,
    ...counts,
    pending: total - counts.completed - counts.failed - counts.interrupted,
    ...plan.execution.until === null ? {} : { open_ended: isOpenEnded(state) },
    order: plan.cycle_order,
    n_cycles: Math.max(plan.n_cycles, state.added.at(-1)?.cycle ?? 0),
    seed: plan.seed,
    gaps: plan.gaps,
    skipped: plan.skipped,
    ...plan.shard === undefined ? {} : { shard: plan.shard },
    ...state.audit === null ? {} : { audit: state.audit },
  };
}

/** True while a look at the results may add another cycle. */
export function isOpenEnded({ look, is_look_old }: Pick<StudyState, "look" | "is_look_old">): boolean {
  return look === null || is_look_old || look.decision === "continue";
}

/** One entry; without a journal entry the run is pending. `others`: keys of the runs that other shards make. */
export function manifestEntry(
  run: Run,
  entry: Entry | undefined,
  others: ReadonlySet<string>,
): ManifestEntry {
  const finished = entry?.finished ?? null;
  return {
    config_hash: run.config_hash,
    config_summary: configSummary(run.config),
    cycle: run.cycle,
    status: entry?.status ?? "pending",
    result_file: finished?.result_file ?? null,
    error_type: finished?.error_type ?? null,
    error_message: finished?.error_message ?? null,
    started_at: entry?.started?.at ?? entry?.starting?.at ?? finished?.started_at ?? null,
    completed_at: finished?.completed_at ?? null,
    index: run.index,
    attempt: entry?.attempt ?? 0,
    outcome: finished?.kind ?? null,
    exit_code: finished?.exit_code ?? null,
    signal: finished?.signal ?? null,
    duration_s: finished?.duration_s ?? null,
    warnings: finished?.warnings ?? [],
    ...placedOf(entry),
    ...entry === undefined && others.has(runKey(run)) ? { pending_reason: "another shard's" } : {},
  };
}

function placedOf(entry: Entry | undefined): Pick<ManifestEntry, "placed"> {
  const placed = entry?.starting?.placed;
  return placed === undefined ? {} : { placed: { slot: placed.slot, devices: placed.devices } };
}

/** `backend / model` (and precision where the backend has one), as llenergymeasure writes it. */
function configSummary(config: ExperimentConfig): string {
  const model = safeName(shortModel(config.model).toLowerCase(), 30);
  const precision = ownPrecision(config as unknown as JsonObject);
  return [config.backend, model, precision].filter((part) => typeof part === "string").join(" / ");
}
