import { basename, join, resolve } from "node:path";
import { runKey } from "../experiment/run.ts";
import type { Entry } from "../journal/fold.ts";
import type { StudyTable, TableRun, TableRunner, TableStanding } from "../results/study_table.ts";
import { realDisk } from "../storage/disk.ts";
import { attemptsOf } from "./attempts_of.ts";
import { machinesOf, readEnvironmentFile } from "./machines.ts";
import { type OpenedStudy, openStudy } from "./open_study.ts";
import { findRunner } from "./runner_presence.ts";
import { SummaryBuilder } from "./summary_builder.ts";

/**
 * The whole of a study directory, of any version of llem, finished or not, wherever it was moved; takes no lock, so it works
 * while the study runs. Throws CommandError where it is none, or cannot be read.
 */
export function readStudy(dir: string): StudyTable {
  return studyTable(openStudy(dir));
}

/** What a table is made of besides results. */
export type TableSource = Pick<OpenedStudy, "dir" | "plan" | "events" | "state">;

/** The same from what is known already. `builder`: the results; those of the directory, which are read, where it is left out. */
export function studyTable(
  { dir, plan, events, state }: TableSource,
  builder: SummaryBuilder = new SummaryBuilder(realDisk, dir, plan, state),
): StudyTable {
  const missing = new Set(builder.missing.map(({ run_id }) => run_id));
  const runner = findRunner(dir);
  const summary = builder.summary();
  const configs = new Map(plan.runs.map(({ config_hash, config }) => [config_hash, config]));
  const attempts = attemptsOf(events);
  const machines = machinesOf(dir);
  return {
    dir,
    id: basename(resolve(dir)),
    name: plan.name,
    study_design_hash: plan.study_design_hash,
    status: statusOf(state.status, runner, missing.size),
    runner,
    started_at: state.started_at,
    ended_at: state.completed_at,
    order: { cycle_order: plan.cycle_order, n_cycles: summary.n_cycles, seed: plan.seed },
    experiments: summary.rows.flatMap(({ config_hash, join_hash }) => {
      const config = configs.get(config_hash);
      return config === undefined ? [] : [{ config_hash, join_hash, config }];
    }),
    runs: plan.runs.map((run): TableRun => {
      const key = runKey(run);
      const entry = state.entries.get(key) ?? null;
      const found = builder.runOf(run);
      return {
        index: run.index,
        config_hash: run.config_hash,
        cycle: run.cycle,
        standing: standingOf(entry, missing, runner),
        attempt: entry?.attempt ?? 0,
        run_id: entry?.finished?.run_id ?? entry?.started?.run_id ?? entry?.starting?.run_id ?? null,
        result_file: entry?.finished?.result_file ?? null,
        started_at: entry?.finished?.started_at ?? entry?.started?.at ?? entry?.starting?.at ?? null,
        ended_at: entry?.finished?.completed_at ?? null,
        attempts: attempts.get(key) ?? [],
        summary: found?.summary ?? null,
        circumstances: found?.circumstances ?? null,
      };
    }),
    environment: readEnvironmentFile(join(dir, "environment.json")),
    ...machines === null ? {} : { machines },
    ...state.audit === null ? {} : { audit: state.audit },
    summary,
  };
}

/** Where nobody can tell whether the runner is alive, it is taken for alive. */
function statusOf(
  status: StudyTable["status"],
  { alive }: TableRunner,
  missing: number,
): StudyTable["status"] {
  if (status === "running" && alive === false) return "interrupted";
  return status === "completed" && missing > 0 ? "interrupted" : status;
}

function standingOf(
  entry: Entry | null,
  missing: ReadonlySet<string>,
  { alive }: TableRunner,
): TableStanding {
  if (entry === null) return "pending";
  if (entry.status === "running" && alive === false) return "lost";
  return missing.has(entry.finished?.run_id ?? "") ? "missing" : entry.status;
}
