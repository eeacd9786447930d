import { basename } from "node:path";
import { failedRuns } from "../archive/failed_runs.ts";
import { findRunner } from "../archive/runner_presence.ts";
import type { TraceChoice } from "../archive/report/chosen_runs.ts";
import { readReportData } from "../archive/report/report_data.ts";
import { openStudy } from "../archive/open_study.ts";
import { CommandError } from "../base/refusal.ts";
import { drawCharts } from "../report/html/charts/draw_charts.ts";
import type { PageStudy } from "../report/html/content.ts";
import { verdictSentence } from "../report/compare/verdict_sentence.ts";
import { reportPage } from "../report/html/page.ts";
import { packFolders } from "../report/html/run_folders.ts";
import { compareStudies, USUAL_OPTIONS } from "../results/compare/compare.ts";
import type { CompareOptions, StudyComparison } from "../results/compare/study_comparison.ts";
import type { StudyTable } from "../results/study_table.ts";
import { oneExperiment } from "./messages.ts";

export interface MakeReport {
  /** How rows are compared. Default: as `llem compare` does where it is told nothing. */
  readonly compare?: CompareOptions;
  /** A comparison that has been made already. */
  readonly comparison?: StudyComparison;
  /** Default: of runs of which something is to be said. */
  readonly traces?: TraceChoice;
}

/**
 * The page of a study, or of several that are compared with each other, the first of them the baseline. Reads their
 * directories; what is missing or damaged there costs its part of the page. The same directories give the same text.
 */
export async function makeReport(
  tables: readonly [StudyTable, ...StudyTable[]],
  { compare = USUAL_OPTIONS, comparison: made, traces = "flagged" }: MakeReport = {},
): Promise<string> {
  const { comparison: found, not_compared } = made === undefined
    ? compared(tables, compare)
    : { comparison: made, not_compared: null };
  const comparison = found === null ? null : { ...found, notes: namedNotes(found, tables) };
  const data = await readReportData(tables, { comparison, traces });
  const [first, ...others] = tables;
  return reportPage({
    studies: [pageStudy(first), ...others.map(pageStudy)],
    comparison,
    not_compared,
    runs: data.runs,
    charts: await drawCharts(data),
    folders: await packFolders(tables),
  });
}

/** The name of a page of these studies where nobody gives one. */
export function reportName([first, second, ...more]: readonly [StudyTable, ...StudyTable[]]): string {
  const one = basename(first.id);
  if (second === undefined) return `${one}.html`;
  return `${one}_and_${more.length === 0 ? second.id : `${1 + more.length}_more`}.html`;
}

/** That studies cannot be compared is a sentence of the page, and no reason to have none. */
function compared(
  tables: readonly [StudyTable, ...StudyTable[]],
  options: CompareOptions,
): { readonly comparison: StudyComparison | null; readonly not_compared: string | null } {
  const [{ experiments }, ...others] = tables;
  if (others.length === 0 && experiments.length < 2) {
    return { comparison: null, not_compared: oneExperiment(experiments.length) };
  }
  try {
    const comparison = compareStudies(tables, options);
    return comparison.rows.length === 0
      ? { comparison: null, not_compared: verdictSentence(comparison) }
      : { comparison, not_compared: null };
  } catch (error) {
    // What the user asked for wrongly is told, not drawn.
    if (!(error instanceof CommandError) || options !== USUAL_OPTIONS) throw error;
    return { comparison: null, not_compared: error.message };
  }
}

/** A page goes to people who have other folders: notes begin with the name of a study, not with its path. */
function namedNotes({ notes }: StudyComparison, tables: readonly StudyTable[]): string[] {
  return notes.map((note) => {
    const table = tables.find(({ dir }) => [":", " "].some((next) => note.startsWith(dir + next)));
    return table === undefined ? note : table.id + note.slice(table.dir.length);
  });
}

/** What tells of failures is in the folders of the runs; where nothing failed they are not opened. */
function pageStudy(table: StudyTable): PageStudy {
  const isWhole = table.runs.every(({ standing }) => standing === "completed" || standing === "pending");
  if (isWhole) return { table, failed: [] };
  const isRunning = findRunner(table.dir).alive !== false;
  return { table, failed: failedRuns(openStudy(table.dir), isRunning, Deno.env.toObject()) };
}
