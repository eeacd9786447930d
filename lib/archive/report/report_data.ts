import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import type { StudyTable } from "../../results/study_table.ts";
import { chosenRuns, type TraceChoice } from "./chosen_runs.ts";
import type { RunDetails } from "./run_details.ts";
import { readRunDetails } from "./read_run_details.ts";

/** What a report is made of: tables, what they come to, and the runs one by one. */
export interface ReportData {
  readonly tables: readonly [StudyTable, ...StudyTable[]];
  /** Null where nothing can be compared. */
  readonly comparison: StudyComparison | null;
  /** Runs that have a result, in the order of the tables and of their runs. */
  readonly runs: readonly RunDetails[];
  /** Runs whose results were not looked into, as there are too many. */
  readonly runs_left_out: number;
  /** The runs whose traces of power are drawn, and those whose traces can be zoomed into. */
  readonly drawn: ReadonlySet<RunDetails>;
  readonly traced: ReadonlySet<RunDetails>;
  readonly traces: TraceChoice;
}

export interface ReportOptions {
  readonly comparison: StudyComparison | null;
  readonly traces: TraceChoice;
}

/** Of more runs a page shows no details: nobody could look at them. */
const MOST_RUNS = 1000;
/** Requests of all runs together. */
const MOST_REQUEST_BYTES = 256 * 1024 * 1024;

/** Reads what the tables of a report do not have. A file that is missing or damaged costs the details that were in it. */
export async function readReportData(
  tables: readonly [StudyTable, ...StudyTable[]],
  { comparison, traces }: ReportOptions,
): Promise<ReportData> {
  const made = tables.flatMap(({ dir, runs }, study) =>
    runs.flatMap((run) => run.result_file === null ? [] : [{ dir, study, run, result_file: run.result_file }])
  );
  const chosen = chosenRuns(tables, traces);
  const [drawn, traced] = [new Set<RunDetails>(), new Set<RunDetails>()];
  const requests = { left: MOST_REQUEST_BYTES };
  const runs: RunDetails[] = [];
  for (const { dir, study, run, result_file } of made.slice(0, MOST_RUNS)) {
    const power = chosen.drawn.has(run) || chosen.traced.has(run);
    const details = await readRunDetails({ dir, study, result_file, power, requests });
    if (details === null) continue;
    runs.push(details);
    if (chosen.drawn.has(run)) drawn.add(details);
    if (chosen.traced.has(run)) traced.add(details);
  }
  const runs_left_out = Math.max(made.length - MOST_RUNS, 0);
  return { tables, comparison, runs, runs_left_out, drawn, traced, traces };
}
