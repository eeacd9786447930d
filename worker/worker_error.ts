import type { ErrorFrame } from "../lib/protocol/frame.ts";
import { workerFailedUnexpectedly } from "./messages.ts";

/** A failure that the worker can name. `message` says what, where and the remedy in one or two sentences. */
export class WorkerError extends Error {
  override readonly name = "WorkerError";
  /** The `error_type` of the frame, such as `model_not_found`. */
  readonly errorType: string;
  /** True only where the same run may succeed the next time. */
  readonly retryable: boolean;

  constructor(errorType: string, message: string, options: ErrorOptions & { retryable?: boolean } = {}) {
    super(message, options);
    this.errorType = errorType;
    this.retryable = options.retryable ?? false;
  }
}

/** The frame that tells the runner; an error without a name of ours is a defect of the worker. */
export function toErrorFrame(error: unknown): ErrorFrame {
  const known = error instanceof Error ? error : new Error(String(error));
  const named = known instanceof WorkerError;
  return {
    type: "error",
    error_type: named ? known.errorType : "internal_error",
    message: named ? known.message : workerFailedUnexpectedly(known.message),
    traceback: known.stack ?? known.message,
    retryable: named && known.retryable,
  };
}
