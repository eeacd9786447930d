/** Texts about NVIDIA's driver and its boards. */

/** What NVML's return codes mean: each reads after a colon. Source: nvmlReturn_t of nvml.h (CUDA 13). */
export const RETURN_TEXTS: Readonly<Record<number, string>> = {
  0: "success",
  1: "NVML is not initialised",
  2: "the driver rejects an argument",
  3: "not supported",
  4: "no permission",
  5: "already initialised",
  6: "not found",
  7: "the buffer is too small",
  8: "the board's power cables are not attached",
  9: "the NVIDIA driver is not loaded",
  10: "timeout",
  11: "the kernel reports an interrupt problem with the GPU",
  12: "a library of the NVIDIA driver is missing",
  13: "the driver has no such function",
  14: "the board's inforom is corrupted",
  15: "the GPU is lost (fallen off the bus)",
  16: "the GPU needs a reset",
  17: "the operating system blocks the driver",
  18: "the NVIDIA driver's library and its kernel module have different versions",
  19: "the GPU is in use",
  20: "out of memory",
  21: "no data",
  22: "not possible on a vGPU with ECC",
  23: "out of resources other than memory",
  24: "the frequency is not supported",
  25: "the driver does not support this version of the struct",
  26: "deprecated",
  27: "the driver is not ready",
  28: "no GPU was found",
  29: "not possible in this state",
  30: "the reset type is not supported",
  999: "unknown error in the driver",
};

export function unknownReturnCode(code: number): string {
  return `code ${code}`;
}

/** What helps against a return code: sentences. */
export const RETURN_REMEDIES = {
  permission:
    "Run llem as root or as a user who may open /dev/nvidia*; in a container or job, give it the whole GPU.",
  reset: "See the kernel log (dmesg | grep -i xid), then reset the GPU (nvidia-smi -r) or reboot.",
  cables: "Attach the power cables of the GPU.",
  driver: "Load it: sudo modprobe nvidia",
  library: "Install all libraries of the driver.",
  blocked: "Release the GPU from what blocks it (vfio, cgroup rules).",
  mismatch: "Reboot; if this is a container, recreate it.",
} as const;

// Why NVML is not available.

export function noDriver(reason: string): string {
  return `no NVIDIA driver found (${reason})`;
}

export function libraryNotLoaded(reason: string): string {
  return `the library of the NVIDIA driver cannot be loaded (${reason})`;
}

export function libraryRemedy(): string {
  return "Install the driver's libraries; for a container, set NVIDIA_DRIVER_CAPABILITIES=compute,utility";
}

export function noLibraryPath(): string {
  return "no path was given";
}

export function nvmlNotStarted(reason: string): string {
  return `NVML does not start: ${reason}`;
}

export function boardsNotCounted(reason: string): string {
  return `NVML cannot count the GPUs: ${reason}`;
}

export function noBoards(): string {
  return "the NVIDIA driver has no GPU";
}

export function noReadableBoard(count: number): string {
  return count === 1 ? "the only NVIDIA GPU cannot be read" : `none of the ${count} NVIDIA GPUs can be read`;
}

// One board.

export function boardLeftOut(index: number, uuid: string | null, reason: string): string {
  return `NVIDIA GPU ${index}${uuid === null ? "" : ` (${uuid})`} is not metered: ${reason}`;
}

/** `features`: names of readings, with underscores. */
export function readingsFailed(features: readonly string[], uuid: string, reason: string): string {
  return `Cannot read ${
    features.map((feature) => feature.replaceAll("_", " ")).join(", ")
  } of ${uuid}: ${reason}`;
}

export function counterReset(uuid: string, energyMj: bigint): string {
  return `The energy counter of ${uuid} restarted at ${energyMj} mJ; the driver may have been reloaded`;
}

export function unknownBoard(): string {
  return "unknown NVIDIA GPU";
}

export function wholeBoard(name: string): string {
  return `${name} (whole board, MIG enabled)`;
}

export function notReportedInMigMode(): string {
  return "the driver does not report it for a board in MIG mode";
}

export function notReadAtStart(): string {
  return "it could not be read when the meter started";
}
