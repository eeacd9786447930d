import { loadTrace as readTrace, type Trace, TraceError } from "../../../../lib/experiment/traces/trace.ts";
import { WorkerError } from "../../../worker_error.ts";

/** The trace of a file, as {@link readTrace} reads it; what is wrong with it is a WorkerError of the same name. */
export function loadTrace(path: string, count: number | null = null): Trace {
  try {
    return readTrace(path, count);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    throw new WorkerError(error.code, error.message, { cause: error });
  }
}
