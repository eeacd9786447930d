/**
 * NVML's return codes and what the meter makes of each. Source: nvmlReturn_t of nvml.h (CUDA 13).
 */
import { RETURN_REMEDIES, RETURN_TEXTS, unknownReturnCode } from "./messages.ts";

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
export const NOT_FOUND = 6;
export const INSUFFICIENT_SIZE = 7;
export const FUNCTION_NOT_FOUND = 13;

const BAD_ARGUMENT = 2;

const VERDICTS: Readonly<Record<number, Verdict>> = {
  0: "ok",
  1: "fault",
  2: "fault",
  3: "absent",
  4: "permission",
  5: "fault",
  6: "nothing",
  7: "size",
  8: "fault",
  9: "no_driver",
  10: "retry",
  11: "fault",
  12: "no_library",
  13: "absent",
  14: "fault",
  15: "lost",
  16: "lost",
  17: "fault",
  18: "mismatch",
  19: "fault",
  20: "fault",
  21: "nothing",
  22: "fault",
  23: "fault",
  24: "fault",
  25: "absent",
  26: "absent",
  27: "retry",
  28: "no_board",
  29: "fault",
  30: "fault",
  999: "retry",
};

const REMEDIES: Readonly<Record<number, string>> = {
  4: RETURN_REMEDIES.permission,
  8: RETURN_REMEDIES.cables,
  9: RETURN_REMEDIES.driver,
  11: RETURN_REMEDIES.reset,
  12: RETURN_REMEDIES.library,
  15: RETURN_REMEDIES.reset,
  16: RETURN_REMEDIES.reset,
  17: RETURN_REMEDIES.blocked,
  18: RETURN_REMEDIES.mismatch,
};

/** What a code means; one that is not in the header is a fault. */
export function returnCode(code: number): ReturnCode {
  return {
    verdict: VERDICTS[code] ?? "fault",
    text: RETURN_TEXTS[code] ?? unknownReturnCode(code),
    remedy: REMEDIES[code] ?? null,
  };
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
