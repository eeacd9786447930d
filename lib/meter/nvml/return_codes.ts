/**
 * NVML's return codes and what the meter makes of each. Source: nvmlReturn_t of nvml.h (CUDA 13).
 */

/**
 * `ok`; `absent`: this board, driver or library has no such thing; `permission`: a right is missing; `lost`: the board
 * is gone or wants a reset; `retry`: may go well the next time; `nothing`: there is nothing new to tell; `size`: the
 * buffer was too small; `fault`: a reading went wrong; `no_driver`, `no_library`, `mismatch` and `no_board` tell why
 * NVML cannot start.
 */
export type Verdict =
  | "ok"
  | "absent"
  | "permission"
  | "lost"
  | "retry"
  | "nothing"
  | "size"
  | "fault"
  | "no_driver"
  | "no_library"
  | "mismatch"
  | "no_board";

export interface ReturnCode {
  readonly verdict: Verdict;
  /** Reads after a colon. */
  readonly text: string;
  /** A sentence; null where nothing helps that we know of. */
  readonly remedy: string | null;
}

export const OK = 0;
export const NOT_SUPPORTED = 3;
export const INSUFFICIENT_SIZE = 7;
export const FUNCTION_NOT_FOUND = 13;

const BAD_ARGUMENT = 2;

const RIGHTS =
  "Read it as root or as a user who may open /dev/nvidia*; in a container or job, let it have the whole GPU.";
const RESET = "See the kernel's log (dmesg | grep -i xid), then reset the GPU (nvidia-smi -r) or reboot.";

const RETURN_CODES: Readonly<Record<number, ReturnCode>> = {
  0: { verdict: "ok", text: "success", remedy: null },
  1: { verdict: "fault", text: "NVML is not initialised", remedy: null },
  2: { verdict: "fault", text: "the driver does not accept an argument", remedy: null },
  3: { verdict: "absent", text: "not supported", remedy: null },
  4: { verdict: "permission", text: "no permission", remedy: RIGHTS },
  5: { verdict: "fault", text: "already initialised", remedy: null },
  6: { verdict: "nothing", text: "not found", remedy: null },
  7: { verdict: "size", text: "the buffer is too small", remedy: null },
  8: {
    verdict: "fault",
    text: "the board's power cables are not attached",
    remedy: "Attach the power cables of the GPU.",
  },
  9: {
    verdict: "no_driver",
    text: "the NVIDIA driver is not loaded",
    remedy: "Load it: sudo modprobe nvidia",
  },
  10: { verdict: "retry", text: "timeout", remedy: null },
  11: { verdict: "fault", text: "the kernel sees an interrupt problem with the GPU", remedy: RESET },
  12: {
    verdict: "no_library",
    text: "a library of the NVIDIA driver is missing",
    remedy: "Install the driver's libraries whole.",
  },
  13: { verdict: "absent", text: "the driver has no such function", remedy: null },
  14: { verdict: "fault", text: "the board's inforom is corrupted", remedy: null },
  15: { verdict: "lost", text: "the GPU is lost (fallen off the bus)", remedy: RESET },
  16: { verdict: "lost", text: "the GPU needs a reset", remedy: RESET },
  17: {
    verdict: "fault",
    text: "the operating system has blocked the driver",
    remedy: "Free the GPU of what blocks it (vfio, cgroup rules).",
  },
  18: {
    verdict: "mismatch",
    text: "the NVIDIA driver's library and its kernel module have different versions",
    remedy: "Reboot; in a container, start it anew.",
  },
  19: { verdict: "fault", text: "the GPU is in use", remedy: null },
  20: { verdict: "fault", text: "out of memory", remedy: null },
  21: { verdict: "nothing", text: "no data", remedy: null },
  22: { verdict: "fault", text: "not possible on a vGPU with ECC", remedy: null },
  23: { verdict: "fault", text: "out of resources other than memory", remedy: null },
  24: { verdict: "fault", text: "the frequency is not supported", remedy: null },
  25: { verdict: "absent", text: "the driver does not know this version of the struct", remedy: null },
  26: { verdict: "absent", text: "deprecated", remedy: null },
  27: { verdict: "retry", text: "the driver is not ready", remedy: null },
  28: { verdict: "no_board", text: "no GPU was found", remedy: null },
  29: { verdict: "fault", text: "not possible in this state", remedy: null },
  30: { verdict: "fault", text: "the reset type is not supported", remedy: null },
  999: { verdict: "retry", text: "unknown error in the driver", remedy: null },
};

/** What a code means; one that is not in the header is a fault. */
export function returnCode(code: number): ReturnCode {
  return RETURN_CODES[code] ?? { verdict: "fault", text: `code ${code}`, remedy: null };
}

/** True where another function may have what this one has not. */
export function isAbsentCode(code: number): boolean {
  return returnCode(code).verdict === "absent";
}

/** The code of a field's element: older drivers call a field they do not know a bad argument. */
export function fieldCode(code: number): number {
  return code === BAD_ARGUMENT ? NOT_SUPPORTED : code;
}

/** Does it once more where the first try may have been unlucky. */
export function withRetry(call: () => number): number {
  const code = call();
  return returnCode(code).verdict === "retry" ? call() : code;
}
