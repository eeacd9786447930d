/**
 * lib/report/html owns a study as one page for a browser. Values in, a text out: what is in a page is read in lib/archive.
 * Every text of a study reaches it by `html` of markup.ts, which escapes it.
 */
import type { FailedRun } from "../../archive/failed_runs.ts";
import type { RunDetails } from "../../archive/report/run_details.ts";
import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import type { StudyTable } from "../../results/study_table.ts";
import type { Chart } from "./charts/chart.ts";

/** All that a page is made of. The same content makes the same bytes. */
export interface PageContent {
  /** One study, or several that are compared with each other; the first is the baseline. */
  readonly studies: readonly [PageStudy, ...PageStudy[]];
  /** Null where nothing can be compared. */
  readonly comparison: StudyComparison | null;
  /** Why nothing can be compared; null where something is, and where that is plain. */
  readonly not_compared: string | null;
  /** Those that were looked into; a page of very many runs has not all of them. */
  readonly runs: readonly RunDetails[];
  readonly charts: readonly Chart[];
  /** Packed by `packFolders`; left out where nobody asks for the folders of runs. */
  readonly folders?: string;
}

/** A study of a page. */
export interface PageStudy {
  readonly table: StudyTable;
  /** Runs whose last attempt did not complete, in order. */
  readonly failed: readonly FailedRun[];
}
