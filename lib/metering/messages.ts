/** Texts about what surrounds the runs: why nothing is metered, baselines, gates. */

export function noMeterHere(): string {
  return "no NVIDIA driver, AMD GPU or RAPL found (see llem doctor)";
}

export function nothingOpens(): string {
  return "no device here can be metered";
}

export function backendIsNull(): string {
  return "energy.backend is null";
}

export function backendUnreadable(backend: string): string {
  return `energy.backend is ${backend}, which cannot be read here`;
}

export function meterNotRestarted(reason: string): string {
  return `the meter process ended and could not be restarted: ${reason}`;
}

export function boardDoesNotOpen(uuid: string, reason: string): string {
  return `${uuid} cannot be opened any more: ${reason}`;
}

export function baselineDisabled(): string {
  return "baseline.enabled is false";
}

export function baselineWithoutGpu(): string {
  return "the run uses no GPU";
}

export function baselineBesideServer(): string {
  return "the server was running before the run, so the boards were not idle without it";
}

/** Why there is no energy. */
export function serverOnAnotherMachine(hostname: string): string {
  return `the server at ${hostname} runs on another machine, whose energy cannot be metered from here`;
}

export function takingBaseline(seconds: number): string {
  return `metering idle power for ${seconds} s once it has settled (baseline, reused for an hour; ` +
    "--set baseline.enabled=false skips it)";
}

export function takingBaselineAfter(seconds: number): string {
  return `metering idle power for ${seconds} s once it has settled (baseline after the runs)`;
}

export function idlePowerMoved(uuid: string, beforeW: number, afterW: number): string {
  return `${uuid} drew ${beforeW.toFixed(1)} W when idle before the runs and ${afterW.toFixed(1)} W after`;
}

export function baselineMoved(boards: readonly string[]): string {
  return `Idle power changed during the study: ${boards.join("; ")}. Net energies are off by as much`;
}

/** A device whose memory an earlier worker held, and may still hold. */
export interface HeldMemory {
  readonly usedMib: number;
  readonly beforeMib: number;
  readonly limitMs: number;
}

export function memoryAwaited(device: string, { usedMib, beforeMib, limitMs }: HeldMemory): string {
  return `waiting until the memory of the previous run is free on ${device}: ${usedMib} MiB in use, ` +
    `${beforeMib} MiB before it (at most ${limitMs / 1000} s)`;
}

export function memoryNotFreed(
  device: string,
  { usedMib, beforeMib, limitMs }: HeldMemory,
): string {
  return `${device} has ${usedMib} MiB in use, compared with ${beforeMib} MiB before the previous run, and the rest ` +
    `was not freed within ${
      limitMs / 1000
    } s. A leftover process or another program holds it: see nvidia-smi`;
}

export function coolingDown(nowC: number, referenceC: number): string {
  return `a GPU is at ${nowC} C; it started at ${referenceC} C`;
}
