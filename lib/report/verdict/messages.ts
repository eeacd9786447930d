/** What a study came to, at its end. */
import { plural } from "../../base/text.ts";

/** `dir` as a shell reads it. */
export function runsFailed(failed: number, total: number, dir: string): string {
  return `${failed} of ${plural(total, "run")} failed: llem show ${dir} --failed`;
}

export function nothingCompleted(): string {
  return "No run completed, so there is no result.";
}

/** The only experiment of a study. `numbers`: as in the table, `7350 +-30 % output tok/s`. */
export function onlyExperiment(numbers: readonly string[], runs: number): string {
  return `${numbers.join(", ")}, over ${plural(runs, "run")}.`;
}

/** Fewer cycles than an interval needs. */
export function tooFewCycles(fewest: number): string {
  return `A 95 % interval takes ${fewest} cycles or more: --cycles ${fewest}, or execution.n_cycles.`;
}

/** `cycles`: what decides the one that needs the fewest further ones; null where nobody can say. */
export function undecidedLeft(undecided: number, compared: number, cycles: number | null): string {
  const more = cycles === null ? "" : `; ${plural(cycles, "more cycle")} would decide the nearest`;
  return `${undecided} of ${plural(compared, "comparison")} undecided${more}.`;
}

/** `dir` as a shell reads it. */
export function compareIn(dir: string): string {
  return `Every comparison: llem compare ${dir}`;
}

/** `dir` as a shell reads it. */
export function reportIn(dir: string): string {
  return `A page for a colleague: llem report ${dir}`;
}

export function reportAt(path: string): string {
  return `report: ${path}`;
}
