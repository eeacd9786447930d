import type { ExperimentConfig } from "../../experiment/config.ts";
import type { Circumstances, StudyTable } from "../study_table.ts";
import type { RunSummary } from "../summary.ts";
import { studyCircumstances } from "../circumstances.ts";
import type { ComparedSide } from "./study_comparison.ts";

/** One configuration of one study with the runs of it that count. */
export interface Sample {
  readonly side: ComparedSide & { readonly config_hash: string };
  readonly join_hash: string | null;
  readonly config: ExperimentConfig;
  /** Completed runs with a result, by their cycles. */
  readonly runs: readonly SampleRun[];
}

/** A run as a comparison sees it: the unit of all statistics. */
export interface SampleRun {
  readonly run_id: string;
  /** 1-based position in the order of the study. */
  readonly index: number;
  readonly cycle: number;
  readonly summary: RunSummary;
  /** Those of the machine when the study began, with what the run itself tells. */
  readonly circumstances: Circumstances;
}

/** What is compared with what. */
export interface Pair {
  readonly base: Sample;
  readonly other: Sample;
}

/** The rows of a study in the order of the study file. `without`: ids of runs that do not count. */
export function samplesOf(table: StudyTable, without: ReadonlySet<string> = new Set()): Sample[] {
  const rows = new Map(table.summary.rows.map((row) => [row.config_hash, row]));
  const machine = studyCircumstances(table.environment);
  const together = sharedTogether(({ machine: host }) => table.machines?.[host ?? ""] ?? machine);
  const counted = table.runs.flatMap(({ run_id, index, config_hash, cycle, summary, circumstances }) =>
    summary?.status !== "completed" || without.has(run_id ?? "") ? [] : [{
      config_hash,
      run: { run_id: run_id ?? "", index, cycle, summary, circumstances: together(circumstances) },
    }]
  );
  const byHash = Map.groupBy(counted, ({ config_hash }) => config_hash);
  return table.experiments.map(({ config_hash, join_hash, config }) => ({
    side: { config_hash, varied: rows.get(config_hash)?.varied ?? {}, study_dir: table.dir },
    join_hash,
    config,
    runs: (byHash.get(config_hash) ?? []).map(({ run }) => run).sort((a, b) => a.cycle - b.cycle),
  }));
}

/** The machine's circumstances with those of a run; of thousands of runs that agree, once. */
function sharedTogether(
  machineOf: (own: Circumstances) => Circumstances,
): (own: Circumstances | null) => Circumstances {
  const known = new Map<Circumstances | null, Circumstances>();
  return (own) => {
    const found = known.get(own) ?? { ...machineOf(own ?? {}), ...own };
    known.set(own, found);
    return found;
  };
}

/** A metric of a run; null where it has none. */
export function valueOf({ summary }: SampleRun, metric: string): number | null {
  const value = summary.metrics[metric] ?? null;
  return value === null || !Number.isFinite(value) ? null : value;
}

/** The values that a sample has, in the order of its cycles. */
export function valuesOf({ runs }: Sample, metric: string): number[] {
  return runs.flatMap((run) => valueOf(run, metric) ?? []);
}
