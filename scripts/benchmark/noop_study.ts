import { ROOT } from "./places.ts";
import type { StudyFile } from "./study.ts";

/** The no-op worker. */
export const NOOP_WORKER = `${ROOT}scripts/benchmark/noop.sh`;

/** A study of so many runs of the no-op worker. */
export function noopStudy(runs: number): StudyFile {
  return {
    name: "noop",
    backend: "command",
    model: "none",
    command: { argv: [NOOP_WORKER] },
    execution: { n_cycles: runs },
  };
}
