import { jsonFile } from "../base/files.ts";
import { join } from "node:path";
import { statusOf } from "../experiment/outcome.ts";
import { runKey } from "../experiment/run.ts";
import type { StudyState } from "../journal/fold.ts";
import type { Plan } from "../plan/plan.ts";
import { runEnergy } from "../results/energy/summary.ts";
import { headline } from "../results/headline.ts";
import { readRecord } from "../results/run_folder.ts";
import { type RunSummary, summarise, type Summary, summaryCsv } from "../results/summary.ts";
import type { Disk } from "../storage/disk.ts";

/** Collects the end of every run of a study, also of earlier sessions, and turns them into the summary. */
export class SummaryBuilder {
  readonly #disk: Disk;
  readonly #dir: string;
  readonly #plan: Plan;
  readonly #runs = new Map<string, RunSummary>();

  constructor(disk: Disk, dir: string, plan: Plan, state: StudyState) {
    this.#disk = disk;
    this.#dir = dir;
    this.#plan = plan;
    for (const [key, run] of finishedRuns(dir, state)) this.#runs.set(key, run);
  }

  take({ record }: { readonly record: Parameters<typeof headline>[0] }): void {
    const { run, outcome, timing } = record;
    this.#runs.set(runKey(run), {
      config_hash: run.config_hash,
      cycle: run.cycle,
      status: statusOf(outcome.kind),
      duration_s: timing.duration_s,
      metrics: headline(record),
      energy: runEnergy(record),
    });
  }

  summary(): Summary {
    const { name, study_design_hash, n_cycles, runs } = this.#plan;
    const experiments = [...new Map(runs.map((run) => [run.config_hash, run])).values()];
    return summarise({ name, study_design_hash, n_cycles, experiments }, [...this.#runs.values()]);
  }

  /** Writes summary.json and summary.csv; throws what the system threw. */
  save(): void {
    const summary = this.summary();
    this.#disk.replace(join(this.#dir, "summary.json"), jsonFile(summary));
    this.#disk.replace(join(this.#dir, "summary.csv"), new TextEncoder().encode(summaryCsv(summary)));
  }
}

/** Results are on disk by now; a summary can always be made again with `llem show`, so a failure is only told. */
export function saveSummary(keeper: SummaryBuilder, tell: (text: string) => void): void {
  try {
    keeper.save();
  } catch (error) {
    tell(`The summary could not be written: ${(error as Error).message}`);
  }
}

/** The finished runs that a journal knows, with the numbers of their result files. */
function* finishedRuns(dir: string, state: StudyState): Generator<[string, RunSummary]> {
  for (const [key, { finished }] of state.entries) {
    if (finished === null || finished.kind === "lost") continue;
    const record = finished.result_file === null ? null : readRecord(join(dir, finished.result_file));
    yield [key, {
      config_hash: finished.config_hash,
      cycle: finished.cycle,
      status: statusOf(finished.kind),
      duration_s: finished.duration_s,
      metrics: record === null ? {} : headline(record),
      energy: record === null ? null : runEnergy(record),
    }];
  }
}
