import { STOP_SIGNALS } from "../../process/inherited.ts";
import { firstAbort, pause } from "../../base/abort.ts";
import type { StopSwitch } from "../../process/stop.ts";
import type { Streams } from "./streams.ts";

/** What a reader gets to take the rest once the user has stopped the study. */
const FLUSH_AFTER_STOP_MS = 2000;

/**
 * Stays until the readers have everything, unless they take nothing and the user wants us to stop; a stop from before
 * leaves them a while. The results are on disk. Returns the exit code.
 */
export async function lastWords(exitCode: number, streams: Streams, stop: StopSwitch): Promise<number> {
  let isWritten = false;
  const written = Promise.all([streams.out.flush(), streams.err.flush()]).then(() => {
    isWritten = true;
  });
  const limit = stop.requested === null ? firstAbort(stop.signal) : pause(FLUSH_AFTER_STOP_MS);
  await Promise.race([written, limit]);
  if (isWritten || stop.requested === null) return exitCode;
  streams.out.abandon();
  streams.err.abandon();
  return STOP_SIGNALS[stop.requested];
}
