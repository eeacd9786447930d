import type { ExperimentConfig } from "../../experiment/config.ts";
import type { Pair, SampleRun } from "./samples.ts";

/**
 * Whether both sides gave the same output: by the hashes of their runs. Null where a side does not tell, or gives another
 * output in every run.
 */
export function outputsEqual(pair: Pair): boolean | null {
  return isEqual(pair, ({ summary }) => summary.output_hash);
}

/** Whether both sides were given the same tokens; null where a side does not tell. */
export function inputsEqual(pair: Pair): boolean | null {
  return isEqual(pair, ({ summary }) => summary.input_hash);
}

/** True where no chance is in the choice of a token, so that other answers are the engine's doing. */
export function isGreedy({ decoder }: ExperimentConfig): boolean {
  return !decoder.do_sample || decoder.temperature === 0;
}

function isEqual({ base, other }: Pair, hash: (run: SampleRun) => string | undefined): boolean | null {
  const [a, b] = [base, other].map(({ runs }) => new Set(runs.flatMap((run) => hash(run) ?? [])));
  if (a === undefined || b === undefined || a.size !== 1 || b.size !== 1) return null;
  return a.isSubsetOf(b);
}

/** False where it is false for one of them, true where it is true for one at least; null where nobody tells. */
export function allEqual(found: readonly (boolean | null)[]): boolean | null {
  return found.includes(false) ? false : found.includes(true) ? true : null;
}
