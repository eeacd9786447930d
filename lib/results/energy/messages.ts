/** Reasons of a verdict, and what a number of energy covers, for people. The console shows 120 characters of the first. */

/** No device that is metered could have told. */
export function nothingTells(): string {
  return "no device that could tell is metered here";
}

/** Why a run used no GPU: a clause in brackets. */
export function noGpuByEngine(): string {
  return "its engine computes on the CPU";
}

/** The same, by the worker's hello. */
export function noGpuByHello(): string {
  return "its worker computes on the CPU";
}

/** A run without a GPU, and no energy of the host either. */
export function noEnergyOfTheRun(why: string): string {
  return `no GPU used (${why}), and no CPU energy counter (RAPL) can be read`;
}

/** Why a kind of meter is not there. */
export function absentMeter(meter: string, reason: string): string {
  return `${meter === "rapl" ? "RAPL" : meter}: ${reason}`;
}

/** A part of the host that is not in the sum. */
export function unreadPart(uuid: string, reason: string): string {
  return `${uuid} could not be read, so the sum does not cover the whole machine: ${reason}`;
}

/** No process of the run was seen. */
export function notSeen(): string {
  return "no process of this run was seen on its boards; the number is what they drew meanwhile";
}

/** A board is known only by processes that may be anybody's. */
export function cameWithTheRun(): string {
  return "a process that cannot be seen from here came with the run";
}

/** The run was not seen, and its worker named no devices. */
export function helloNamedNothing(): string {
  return "its worker did not say which devices it used";
}

/** The run was not seen, and a board was told by its memory. */
export function toldByMemory(uuid: string, mib: number): string {
  return `no process of this run was seen; ${uuid} counts as its board because memory use rose by ${mib} MiB`;
}

/** A board that was left out, beside those that are metered. */
export function boardNotMetered(index: number, reason: string): string {
  return `GPU ${index} is not metered: ${reason}`;
}

/** Whose number it is where the run uses a GPU and none is metered. */
export function hostOnly(): string {
  return "no GPU is metered here: the number covers CPU and memory only";
}

/** What a number of the host covers; `parts` where that is not all of them. */
export function hostCovers(hasDram: boolean, parts: readonly string[] | null): string {
  const memory = hasDram ? " and the memory" : ", without the memory,";
  const which = parts === null
    ? `the CPU packages${memory} of the whole machine`
    : `only ${parts.join(", ")}`;
  return `${which}, whoever used them; no GPU, no fans, disks or losses of the power supply`;
}

/** There is no number that could cover something. */
export function coversNothing(): string {
  return "nothing: the run used no GPU, and the host is not metered";
}

/** What a number of boards covers. */
export function gpuCovers(boards: number, more: string | null): string {
  return `${boards === 1 ? "the whole GPU board" : `the whole of ${boards} GPU boards`}` +
    " (chip, memory, regulators), idle draw included; no CPU, no fans, disks or losses of the power supply" +
    (more === null ? "" : `; ${more}`);
}
