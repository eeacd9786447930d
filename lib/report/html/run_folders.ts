import type { StudyTable } from "../../results/study_table.ts";
import { packed } from "./charts/packed.ts";
import { runKey } from "./charts/rows.ts";

/** Nobody looks for a folder by pointing at one of more marks. */
const MOST_RUNS = 2000;

/**
 * Where the runs lie, for the page's script: base64 of deflated JSON, the folders of a run's attempts by its key. Each is relative to the
 * directory of its study.
 */
export async function packFolders(tables: readonly StudyTable[]): Promise<string> {
  const all = tables.flatMap(({ runs }, study) =>
    runs.map(({ index, attempts }) =>
      [runKey({ study, index }), attempts.map(({ folder }) => folder)] as const
    )
  ).filter(([, folders]) => folders.length > 0);
  return await packed(new TextEncoder().encode(JSON.stringify(Object.fromEntries(all.slice(0, MOST_RUNS)))));
}
