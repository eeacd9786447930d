import { cell } from "../../results/varied.ts";
import { sentence } from "../../base/text.ts";
import type { ComparedRow, StudyComparison } from "../../results/compare/study_comparison.ts";
import * as messages from "./messages.ts";
import { rowName, studyName } from "./side_name.ts";

/** More rows without a partner are counted. */
const MOST_UNMATCHED = 10;

/** What is to be known of a comparison besides its rows, a sentence each. */
export function compareNotes(comparison: StudyComparison): string[] {
  const { design, differences, unmatched } = comparison;
  const refused = differences.undeclared.filter(({ refuses }) => refuses);
  const told = differences.undeclared.filter(({ refuses }) => !refuses);
  const settings = differences.declared.map(({ what }) => what);
  const { outputs_equal } = comparison;
  return [
    ...refused.map(({ what, base, other }) => messages.refusedBy(what, cell(base), cell(other))),
    ...reasonNotes(comparison),
    ...excludedNotes(comparison),
    ...comparison.notes,
    ...design === "unpaired" && settings.length > 0 ? [messages.declaredLine(settings)] : [],
    ...told.map(({ what, base, other }) => messages.undeclared(what, cell(base), cell(other))),
    ...outputs_equal === null ? [] : [messages.outputsLine(outputs_equal)],
    ...unmatched.slice(0, MOST_UNMATCHED).map((row) =>
      messages.unmatchedLine(
        rowName({ ...comparison, design: "paired" }, row),
        studyName(comparison.studies, row.study_dir),
      )
    ),
    ...unmatched.length > MOST_UNMATCHED ? [messages.moreUnmatched(unmatched.length - MOST_UNMATCHED)] : [],
    ...methodNote(comparison),
  ].map(sentence);
}

/** Runs that the user left out, and why. */
export function excludedNotes({ excluded }: StudyComparison): string[] {
  return excluded.map(({ run_id, reason }) => messages.excludedLine(run_id, reason));
}

/** How the ratios were made; nothing where there is none. */
export function methodNote({ design, pooled_df, adjust, m, confidence }: StudyComparison): string[] {
  return m === 0
    ? []
    : [messages.methodLine({ design, pooled: Object.entries(pooled_df), adjust, m, confidence })];
}

/** Reasons of rows, each once; what a refused circumstance says stands above already. */
function reasonNotes(comparison: StudyComparison): string[] {
  const refusals = comparison.differences.undeclared.map(({ what }) => `${what} differs: `);
  const byReason = Map.groupBy(
    comparison.rows.flatMap((row) => row.reasons.map((reason) => ({ row, reason }))),
    ({ reason }) => reason,
  );
  return [...byReason].filter(([reason]) => !refusals.some((start) => reason.startsWith(start)))
    .map(([reason, found]) => {
      const [first] = found;
      const name = first === undefined ? "" : nameOf(comparison, first.row);
      return messages.reasonLine(name, found.length - 1, reason);
    });
}

function nameOf(comparison: StudyComparison, row: ComparedRow): string {
  return `${rowName(comparison, row)}, ${row.metric}`;
}
