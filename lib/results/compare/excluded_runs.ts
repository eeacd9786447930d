import { CommandError, EXIT } from "../../base/refusal.ts";
import type { StudyTable } from "../study_table.ts";
import { noSuchRun, severalStudiesHave } from "./messages.ts";
import type { ExcludedRun } from "./study_comparison.ts";

/**
 * For each study the ids of its runs that the user leaves out: by their id, or, as runs of several studies may share one, as
 * `STUDY/RUN`. Throws CommandError for a run that no study has, or several.
 */
export function excludedRuns(
  tables: readonly StudyTable[],
  without: readonly ExcludedRun[],
): ReadonlySet<string>[] {
  const found = tables.map(() => new Set<string>());
  for (const { run_id: asked } of without) {
    const owners = tables.flatMap((table, place) => {
      const run = table.runs.find(({ run_id }) => run_id !== null && namesOf(table, run_id).includes(asked));
      return run?.run_id === undefined || run.run_id === null ? [] : [{ place, run_id: run.run_id }];
    });
    const [owner, another] = owners;
    if (owner === undefined) throw new CommandError(EXIT.usage, noSuchRun(asked));
    if (another !== undefined) {
      throw new CommandError(
        EXIT.usage,
        severalStudiesHave(asked, `${tables[owner.place]?.id ?? ""}/${asked}`),
      );
    }
    found[owner.place]?.add(owner.run_id);
  }
  return found;
}

function namesOf({ id, dir }: StudyTable, run_id: string): string[] {
  const folder = dir.replace(/\/+$/, "");
  return [run_id, `${id}/${run_id}`, `${folder}/${run_id}`, `${folder}/runs/${run_id}`];
}
