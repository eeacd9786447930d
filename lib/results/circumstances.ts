import type { ResultRecord } from "./record.ts";
import type { Circumstances } from "./study_table.ts";

/** What the numbers of a run depend on besides its configuration, as far as its record tells. */
export function circumstancesOf({ host, worker, llem_version }: ResultRecord): Circumstances {
  const engine = Object.entries(worker?.versions ?? {}).map(([name, version]) => `${name} ${version}`);
  return {
    ...(host ?? null) === null ? {} : { machine: host ?? "" },
    ...engine.length === 0 ? {} : { engine: engine.join(", ") },
    llem: llem_version,
  };
}
