import type { StudyTable, TableRun } from "../../results/study_table.ts";

/** Which runs have their traces of power in the page to be zoomed into: those of which something is to be said, all, none. */
export type TraceChoice = "flagged" | "all" | "none";

/** Of more runs the traces would be most of a page. */
const MOST_TRACED = 500;
/** Runs whose traces are drawn whatever is chosen. */
const MOST_DRAWN = 6;
const MOST_DRAWN_FLAGGED = 3;

/** The runs of a page of which something is shown that is not of all. */
export interface ChosenRuns {
  /** Their traces of power are drawn: some of which something is to be said, and the first ones of the first experiments. */
  readonly drawn: ReadonlySet<TableRun>;
  /** Their traces can be zoomed into. */
  readonly traced: ReadonlySet<TableRun>;
}

export function chosenRuns(tables: readonly StudyTable[], traces: TraceChoice): ChosenRuns {
  const completed = tables.flatMap(({ runs }) => runs.filter(({ standing }) => standing === "completed"));
  const outliers = new Set(
    tables.flatMap(({ summary: { rows } }, study) =>
      rows.flatMap((row) => row.outliers.map(({ cycle }) => `${study} ${row.config_hash} ${cycle}`))
    ),
  );
  const isFlagged = new Set(
    tables.flatMap(({ runs }, study) =>
      runs.filter((run) =>
        run.summary !== null && hasMarks(run) || outliers.has(`${study} ${run.config_hash} ${run.cycle}`)
      )
    ),
  );
  const flagged = completed.filter((run) => isFlagged.has(run));
  const firsts = [...new Map(completed.toReversed().map((run) => [run.config_hash, run])).values()].reverse();
  const drawn = [...new Set([...flagged.slice(0, MOST_DRAWN_FLAGGED), ...firsts])].slice(0, MOST_DRAWN);
  const traced = traces === "none" ? [] : traces === "all" ? completed : flagged;
  return { drawn: new Set(drawn), traced: new Set(traced.slice(0, MOST_TRACED)) };
}

/** It failed before, or somebody remarked something, or its energy is in doubt. */
function hasMarks({ summary }: TableRun): boolean {
  const { marks, energy } = summary ?? {};
  return marks !== undefined || energy !== null && energy !== undefined && energy.verdict !== "resolved";
}
