import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import type { StudyTable } from "../../results/study_table.ts";
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
  readonly traces: TraceChoice;
}

/** Which runs have their traces of power in the page: those of which something is to be said, all, none. */
export type TraceChoice = "flagged" | "all" | "none";

export interface ReportOptions {
  readonly comparison: StudyComparison | null;
  readonly traces: TraceChoice;
}

/** Of more runs a page shows no details: it would have none that a person could look at. */
const MOST_RUNS = 1000;

/** Reads what the tables of a report do not have. A file that is missing or damaged costs the details that were in it. */
export async function readReportData(
  tables: readonly [StudyTable, ...StudyTable[]],
  { comparison, traces }: ReportOptions,
): Promise<ReportData> {
  const made = tables.flatMap((table, study) =>
    table.runs.filter(({ result_file }) => result_file !== null).map((run) => ({ table, study, run }))
  );
  const runs: RunDetails[] = [];
  for (const { table, study, run } of made.slice(0, MOST_RUNS)) {
    const details = await readRunDetails(table.dir, study, run);
    if (details !== null) runs.push(details);
  }
  return { tables, comparison, runs, runs_left_out: Math.max(made.length - MOST_RUNS, 0), traces };
}
