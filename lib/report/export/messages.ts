/** Texts of exported files: why a run may not stand beside the rows of a leaderboard. */

export function noGpuEnergy(reason: string | null): string {
  return `the energy of its GPUs was not measured${reason === null ? "" : `: ${reason}`}`;
}

/** `wanted`: the boards that compare. */
export function otherGpu(names: readonly string[], wanted: string): string {
  return `it ran on ${names.join(", ")}; only ${wanted} compares`;
}

export function energyNotResolved(verdict: string, reasons: readonly string[]): string {
  return `its energy is ${verdict}${reasons.length === 0 ? "" : `: ${reasons.join(", ")}`}`;
}

export function notSteady(): string {
  return "its window is not the steady state (measure.steady)";
}

export function itlMissing(): string {
  return "the times between its tokens are not known";
}

export function otherPrompts(board: string): string {
  return `its prompts are none of ${board}'s tasks`;
}

export function tooFewPrompts(n: number, wanted: number): string {
  return `it ran ${n} prompts; ${wanted} are a task`;
}
