import { utcNow } from "../base/clock.ts";
import type { AttemptFolder, RunFinished } from "./event.ts";

/** The end of an attempt whose runner died, as a resume writes it down. */
export function lostEvent(begun: AttemptFolder): RunFinished {
  const at = utcNow();
  return {
    type: "run_finished",
    index: begun.index,
    config_hash: begun.config_hash,
    cycle: begun.cycle,
    attempt: begun.attempt,
    run_id: begun.run_id,
    kind: "lost",
    exit_code: null,
    signal: null,
    flags: [],
    error_type: "lost",
    error_message: "The runner died while this attempt ran",
    result_file: null,
    started_at: at,
    completed_at: at,
    duration_s: 0,
    warnings: [],
    will_retry: false,
  };
}
