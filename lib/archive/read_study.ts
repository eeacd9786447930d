import { basename, join, resolve } from "node:path";
import { readRegularText } from "../base/files.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { runKey } from "../experiment/run.ts";
import { type Entry, foldJournal } from "../journal/fold.ts";
import type { StudyTable, TableRun, TableStanding } from "../results/study_table.ts";
import { realDisk } from "../storage/disk.ts";
import { openStudyFolder } from "./study_folder.ts";
import { SummaryBuilder } from "./summary_builder.ts";

/** The whole of a study directory; takes no lock, so it works while the study runs. Throws CommandError where it is none. */
export function readStudy(path: string): StudyTable {
  const { dir, plan, events } = openStudyFolder(path);
  const state = foldJournal(events);
  const builder = new SummaryBuilder(realDisk, dir, plan, state);
  const missing = new Set(builder.missing.map(({ run_id }) => run_id));
  const summary = builder.summary();
  const experiments = new Map(plan.runs.map(({ config_hash, config }) => [config_hash, config]));
  return {
    dir,
    id: basename(resolve(dir)),
    name: plan.name,
    study_design_hash: plan.study_design_hash,
    status: state.status,
    started_at: state.started_at,
    ended_at: state.completed_at,
    order: { cycle_order: plan.cycle_order, n_cycles: plan.n_cycles, seed: plan.seed },
    experiments: summary.rows.flatMap(({ config_hash, join_hash }) => {
      const config = experiments.get(config_hash);
      return config === undefined ? [] : [{ config_hash, join_hash, config }];
    }),
    runs: plan.runs.map((run): TableRun => {
      const entry = state.entries.get(runKey(run)) ?? null;
      const found = builder.runOf(run);
      return {
        index: run.index,
        config_hash: run.config_hash,
        cycle: run.cycle,
        standing: standingOf(entry, missing),
        attempt: entry?.attempt ?? 0,
        run_id: entry?.finished?.run_id ?? entry?.started?.run_id ?? null,
        result_file: entry?.finished?.result_file ?? null,
        started_at: entry?.finished?.started_at ?? entry?.started?.at ?? null,
        ended_at: entry?.finished?.completed_at ?? null,
        summary: found?.summary ?? null,
        circumstances: found?.circumstances ?? null,
      };
    }),
    environment: readEnvironmentFile(dir),
    summary,
  };
}

function standingOf(entry: Entry | null, missing: ReadonlySet<string>): TableStanding {
  if (entry === null) return "pending";
  return missing.has(entry.finished?.run_id ?? "") ? "missing" : entry.status;
}

function readEnvironmentFile(dir: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(readRegularText(join(dir, "environment.json")));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
