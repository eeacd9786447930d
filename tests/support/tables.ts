/** Studies as tables for tests of what reads them: only what a test is about has to be said. */
import type { JsonObject } from "../../lib/base/json.ts";
import { configHash } from "../../lib/experiment/identity.ts";
import type { RunEnergy } from "../../lib/results/energy/run_energy.ts";
import type { Circumstances, StudyTable, TableRun } from "../../lib/results/study_table.ts";
import { type RunSummary, summarise } from "../../lib/results/summary.ts";
import { configOf } from "./plans.ts";

/** One configuration of a table. */
export interface RowDraft {
  /** Of the configuration; a row of `params: { setting: NAME }` unless it is given. */
  readonly config?: JsonObject;
  /** By metric the values of its cycles; null is a run without that number. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  readonly join_hash?: string;
  readonly energy?: Partial<RunEnergy>;
  readonly circumstances?: Circumstances;
  readonly input_hash?: string;
  readonly output_hash?: string;
}

export interface TableDraft {
  readonly dir?: string;
  readonly cycle_order?: string;
  readonly status?: StudyTable["status"];
  readonly environment?: JsonObject;
  readonly duration_s?: number;
}

/** A table of completed runs, in an interleaved order; a cycle for which no metric has a value failed. */
export function tableOf(rows: Readonly<Record<string, RowDraft>>, draft: TableDraft = {}): StudyTable {
  const { dir = "study", cycle_order = "interleaved", status = "completed", duration_s = 10 } = draft;
  const experiments = Object.entries(rows).map(([setting, row]) => {
    const config = configOf(row.config ?? { params: { setting } });
    return { row, config, config_hash: configHash(config), join_hash: row.join_hash ?? null };
  });
  const nCycles = Math.max(...experiments.map(({ row }) => cyclesOf(row)));
  const runs = Array.from(
    { length: nCycles },
    (_, cycle) =>
      experiments.map(({ row, config_hash }, place): TableRun => {
        const summary = summaryOf(row, config_hash, cycle, duration_s);
        const index = cycle * experiments.length + place + 1;
        return {
          index,
          config_hash,
          cycle: cycle + 1,
          standing: summary === null ? "failed" : "completed",
          attempt: 1,
          run_id: `${String(index).padStart(4, "0")}_c${cycle + 1}`,
          result_file: null,
          started_at: null,
          ended_at: null,
          summary,
          circumstances: row.circumstances ?? {},
        } as TableRun;
      }),
  ).flat();
  return {
    dir,
    id: dir,
    name: dir,
    study_design_hash: "0123456789abcdef",
    status,
    runner: { alive: null, host: null, pid: null },
    started_at: null,
    ended_at: null,
    order: { cycle_order, n_cycles: nCycles, seed: null },
    experiments,
    runs,
    environment: draft.environment ?? null,
    summary: summarise(
      {
        name: dir,
        study_design_hash: "0123456789abcdef",
        n_cycles: nCycles,
        experiments: experiments.map((experiment) => ({ ...experiment, n_runs: nCycles })),
      },
      runs.flatMap(({ summary }) => summary ?? []),
    ),
  };
}

function cyclesOf({ values }: RowDraft): number {
  return Math.max(...Object.values(values).map(({ length }) => length));
}

function summaryOf(row: RowDraft, config_hash: string, cycle: number, duration_s: number): RunSummary | null {
  const metrics = Object.fromEntries(
    Object.entries(row.values).map(([name, values]) => [name, values[cycle] ?? null]),
  );
  if (Object.values(metrics).every((value) => value === null)) return null;
  return {
    config_hash,
    cycle: cycle + 1,
    status: "completed",
    duration_s,
    metrics,
    energy: row.energy === undefined ? null : { ...ENERGY, ...row.energy },
    ...row.input_hash === undefined ? {} : { input_hash: row.input_hash },
    ...row.output_hash === undefined ? {} : { output_hash: row.output_hash },
  };
}

const ENERGY: RunEnergy = {
  headline_j: 1000,
  uncertainty_j: 10,
  j_per_output_token: 1,
  method: "nvml_counter",
  verdict: "resolved",
  verdict_reasons: [],
};
