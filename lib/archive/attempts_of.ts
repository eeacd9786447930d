import { type Run, runKey } from "../experiment/run.ts";
import type { AttemptFolder, RunFinished, StampedEvent } from "../journal/event.ts";
import type { TableAttempt } from "../results/study_table.ts";

/** The attempts of every run by its key, in the order in which they were begun. */
export function attemptsOf(events: readonly StampedEvent[]): ReadonlyMap<string, readonly TableAttempt[]> {
  const all = new Map<string, Map<number, TableAttempt>>();
  const change = (of: RunIdentity, next: (before: TableAttempt | undefined) => TableAttempt): void => {
    const key = runKey(of);
    const own = all.get(key) ?? new Map<number, TableAttempt>();
    all.set(key, own.set(of.attempt, next(own.get(of.attempt))));
  };
  for (const event of events) {
    if (event.type === "run_starting" || event.type === "run_started") {
      change(event, (before) => before ?? begun(event, event.at));
    } else if (event.type === "run_finished") change(event, (before) => ended(event, before));
  }
  return new Map([...all].map(([key, own]) => [key, [...own.values()]]));
}

type RunIdentity = Pick<Run, "config_hash" | "cycle"> & { readonly attempt: number };

function begun({ attempt, run_id, folder }: AttemptFolder, at: string): TableAttempt {
  return { attempt, run_id, folder, outcome: "running", will_retry: false, started_at: at, ended_at: null };
}

function ended(event: RunFinished, before: TableAttempt | undefined): TableAttempt {
  const { attempt, run_id, kind, will_retry, started_at, completed_at, error_type } = event;
  // Whoever writes a dead runner's attempt down as lost knows neither its start nor its end.
  const isFoundLost = kind === "lost" && error_type === "lost";
  return {
    attempt,
    run_id,
    folder: before?.folder ?? `runs/${run_id}`,
    outcome: kind,
    will_retry,
    started_at: isFoundLost ? before?.started_at ?? null : started_at,
    ended_at: completed_at,
  };
}
