import type { EntryStatus, Run } from "../experiment/run.ts";

/**
 * Which runs a resume makes, by identity and never by position: everything that is not completed, and failed runs
 * only where the user asks for them. Completed runs stay.
 */
export function runsToResume(
  runs: readonly Run[],
  statusOf: (run: Run) => EntryStatus,
  options: { readonly retryFailed: boolean },
): Run[] {
  return runs.filter((run) => mustRun(statusOf(run), options.retryFailed));
}

function mustRun(status: EntryStatus, retryFailed: boolean): boolean {
  switch (status) {
    case "completed":
      return false;
    case "failed":
      return retryFailed;
    case "pending":
    case "running":
    case "interrupted":
    case "lost":
      return true;
  }
}
