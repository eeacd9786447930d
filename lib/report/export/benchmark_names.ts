import { shortModel } from "../../results/run_folder.ts";
import { cell } from "../../results/varied.ts";
import type { SummaryRow } from "../../results/summary.ts";
import type { StudyTable } from "../../results/study_table.ts";

/** An experiment under the name by which a tool follows it over time. */
export interface NamedExperiment {
  readonly name: string;
  readonly study: StudyTable;
  readonly row: SummaryRow;
}

/** `n_batch=64`: what tells a row from the others of its study, by the last word of each path; empty where nothing does. */
export function variedText({ varied }: Pick<SummaryRow, "varied">): string {
  return Object.entries(varied).map(([path, value]) => `${path.split(".").at(-1) ?? path}=${cell(value)}`)
    .join(" ");
}

/**
 * Every experiment that has a completed run, by study, model, backend and settings: the same study file gives the same
 * names every night. What several studies call alike gets the name of its study directory as well.
 */
export function namedExperiments(studies: readonly StudyTable[]): NamedExperiment[] {
  const all = studies.flatMap((study) =>
    study.summary.rows.filter(({ completed }) => completed > 0).map((row) => ({
      study,
      row,
      name: [study.name, shortModel(row.model), row.backend, variedText(row)].filter((part) => part).join(
        " ",
      ),
    }))
  );
  const counts = Map.groupBy(all, ({ name }) => name);
  return all.map(({ name, study, row }) => {
    const alike = counts.get(name) ?? [];
    if (alike.length < 2) return { name, study, row };
    const ofStudy = alike.filter((other) => other.study === study).length;
    return { name: `${name} (${study.id}${ofStudy > 1 ? ` ${row.config_hash}` : ""})`, study, row };
  });
}
