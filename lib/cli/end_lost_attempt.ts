import type { ProcessIdentity, RunStarted } from "../journal/event.ts";
import { killLeftovers } from "../process/leftovers.ts";
import { BusyError } from "./busy.ts";

/** How long SIGKILL may take. */
const KILL_WAIT_MS = 5000;

/**
 * Kills whatever is left of an attempt whose runner died. Throws BusyError where something does not die: it may hold
 * what the next attempt needs.
 */
export async function endLostAttempt(
  { run_id, worker }: RunStarted,
  { dir, runner, say }: {
    readonly dir: string;
    readonly runner: ProcessIdentity;
    readonly say: (line: string) => void;
  },
): Promise<void> {
  // Processes of another machine are out of reach, those of an earlier boot are gone.
  if (worker === null || worker.host !== runner.host || worker.boot_id !== runner.boot_id) return;
  const { pid, start_ticks } = worker;
  const tags = attemptTags(dir, run_id);
  const { killed, survivors } = await killLeftovers({ pid, start_ticks, tags }, KILL_WAIT_MS);
  if (survivors.length > 0) {
    throw new BusyError(
      `processes ${survivors.join(", ")} of ${run_id}, left by the last session of ${dir}, cannot be killed`,
    );
  }
  if (killed.length > 0) {
    say(`processes ${killed.join(", ")} of ${run_id} outlived the last session and were killed.`);
  }
}

/** The variables of a worker's environment by which every process of its attempt is known, and no other. */
export function attemptTags(studyDir: string, runId: string): Readonly<Record<string, string>> {
  return { LLEM_STUDY_DIR: Deno.realPathSync(studyDir), LLEM_RUN_ID: runId };
}
