import { type OutcomeKind, statusOf } from "../experiment/outcome.ts";
import { type EntryStatus, runKey } from "../experiment/run.ts";
import { isFailure } from "../plan/retry.ts";
import type { RunFinished, RunStarted, StampedEvent } from "./event.ts";

/** The latest attempt of one run. */
export interface Entry {
  readonly status: EntryStatus;
  readonly attempt: number;
  readonly started: (RunStarted & { readonly at: string }) | null;
  readonly finished: RunFinished | null;
  /** How many attempts of the run have failed so far; stops and lost runners do not count. */
  readonly failures: number;
}

export type StudyStatus = "running" | "completed" | "failed" | "interrupted";

/** What a journal says, by run identity. Runs that it does not name are pending. */
export interface StudyState {
  readonly status: StudyStatus;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** Folds a journal into the state of its study. */
export function foldJournal(events: Iterable<StampedEvent>): StudyState {
  const fold = new JournalFold();
  for (const event of events) fold.apply(event);
  return fold.state;
}

/** The same step by step, for a runner that appends while it folds. The cost of a step does not grow. */
export class JournalFold {
  readonly #entries = new Map<string, Entry>();
  #status: StudyStatus = "running";
  #startedAt: string | null = null;
  #completedAt: string | null = null;

  get state(): StudyState {
    return {
      status: this.#status,
      started_at: this.#startedAt,
      completed_at: this.#completedAt,
      entries: this.#entries,
    };
  }

  /** Takes one event in; the key of the run that it changed, null where it is about the study. */
  apply(event: StampedEvent): string | null {
    switch (event.type) {
      case "study_started":
      case "study_resumed":
        this.#status = "running";
        this.#startedAt ??= event.at;
        this.#completedAt = null;
        return null;
      case "study_finished":
        this.#status = event.status;
        this.#completedAt = event.at;
        return null;
      case "run_started": {
        const { attempt } = event;
        const { failures = 0 } = this.#entries.get(runKey(event)) ?? {};
        return this.#set(event, { status: "running", attempt, started: event, finished: null, failures });
      }
      case "run_finished": {
        const { attempt } = event;
        const before = this.#entries.get(runKey(event));
        const { started = null, failures = 0 } = before ?? {};
        // A line that stands there twice counts once.
        const isNew = before?.finished?.attempt !== attempt;
        const status = entryStatus(event.kind);
        return this.#set(event, {
          status,
          attempt,
          started: started?.attempt === attempt ? started : null,
          finished: event,
          failures: failures + (isNew && isFailure(event) ? 1 : 0),
        });
      }
    }
  }

  #set(run: { readonly config_hash: string; readonly cycle: number }, entry: Entry): string {
    const key = runKey(run);
    this.#entries.set(key, entry);
    return key;
  }
}

function entryStatus(kind: OutcomeKind): EntryStatus {
  return kind === "lost" ? "lost" : statusOf(kind);
}
