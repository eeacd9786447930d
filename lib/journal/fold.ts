import { append } from "../base/numbers.ts";
import { type OutcomeKind, statusOf } from "../experiment/outcome.ts";
import { type EntryStatus, type Run, runKey } from "../experiment/run.ts";
import type { AuditedRun, StudyAudit } from "../results/audit.ts";
import type { Look } from "../statistics/look.ts";
import { isFailure, isVoid } from "../plan/retry.ts";
import { runsOf } from "./added_runs.ts";
import type {
  AuditStarting,
  RunFinished,
  RunStarted,
  RunStarting,
  ServerStarted,
  ServerStarting,
  StampedEvent,
} from "./event.ts";

/** The latest attempt of one run. */
export interface Entry {
  readonly status: EntryStatus;
  readonly attempt: number;
  /** Null in journals of earlier versions, and where it did not come to a start. */
  readonly starting: (RunStarting & { readonly at: string }) | null;
  readonly started: (RunStarted & { readonly at: string }) | null;
  readonly finished: RunFinished | null;
  /** How many attempts of the run have failed so far; stops and lost runners do not count. */
  readonly failures: number;
  /** Attempts of the session of the latest one, that included; those that were made void from outside do not count. */
  readonly tries: number;
  /** Ended attempts of that session that were made void from outside. */
  readonly voids: number;
  /** The session of the latest attempt, counted from 1. */
  readonly session: number;
}

export type StudyStatus = "running" | "completed" | "failed" | "interrupted";

/** A server that was started and whose end the journal does not tell. */
export interface UnendedServer {
  readonly starting: ServerStarting & { readonly at: string };
  /** Null where its pid was not written down. */
  readonly started: ServerStarted | null;
}

/** What a journal says, by run identity. Runs that it does not name are pending. */
export interface StudyState {
  readonly status: StudyStatus;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Runs that the study got on top of those of its plan, in order. */
  readonly added: readonly Run[];
  /** By their instances, in the order of their starts. */
  readonly servers: ReadonlyMap<string, UnendedServer>;
  /** The last look at the results; null where none was taken. */
  readonly look: Look | null;
  /** True where a run has ended since. */
  readonly is_look_old: boolean;
  /** What its audit came to; null while it has none. */
  readonly audit: StudyAudit | null;
  /** Runs of an audit that have ended, in their order. */
  readonly audited: readonly AuditedRun[];
  /** Workers of an audit that were started since the last of those, and may live on. */
  readonly auditing: readonly (AuditStarting & { readonly at: string })[];
  /** Seconds that runners have had the study in hand, up to the last line. */
  readonly spent_s: number;
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
  /** Where a run stood before its latest attempt. */
  readonly #before = new Map<string, Entry>();
  readonly #added: Run[] = [];
  readonly #servers = new Map<string, UnendedServer>();
  #session = 0;
  #status: StudyStatus = "running";
  #startedAt: string | null = null;
  #completedAt: string | null = null;
  #look: Look | null = null;
  #isLookOld = false;
  #audit: StudyAudit | null = null;
  readonly #audited: AuditedRun[] = [];
  readonly #auditing: (AuditStarting & { readonly at: string })[] = [];
  #spentMs = 0;
  #lastMs: number | null = null;

  /** `before`: what other writers' journals say, for one of several that make a study. */
  constructor(before: StudyState | null = null) {
    if (before === null) return;
    for (const [key, entry] of before.entries) {
      this.#entries.set(key, entry);
      this.#session = Math.max(this.#session, entry.session);
    }
    append(this.#added, before.added);
    this.#startedAt = before.started_at;
    this.#spentMs = before.spent_s * 1000;
  }

  get state(): StudyState {
    return {
      status: this.#status,
      started_at: this.#startedAt,
      completed_at: this.#completedAt,
      entries: this.#entries,
      added: this.#added,
      servers: this.#servers,
      look: this.#look,
      is_look_old: this.#isLookOld,
      audit: this.#audit,
      audited: this.#audited,
      auditing: this.#auditing,
      spent_s: this.#spentMs / 1000,
    };
  }

  /** Takes one event in; the key of the run that it changed, null where it is about the study. */
  apply(event: StampedEvent): string | null {
    this.#spend(event);
    switch (event.type) {
      case "study_started":
      case "study_resumed":
        this.#session += 1;
        this.#status = "running";
        this.#startedAt ??= event.at;
        this.#completedAt = null;
        return null;
      case "study_finished":
        this.#status = event.status;
        this.#completedAt = event.at;
        return null;
      case "runs_added":
        append(this.#added, runsOf(event));
        return null;
      case "look": {
        const { type: _, at: __, ...look } = event;
        this.#look = look;
        this.#isLookOld = false;
        return null;
      }
      case "audit_starting":
        this.#auditing.push(event);
        return null;
      case "audit_run": {
        const { type: _, at: __, ...run } = event;
        // Whatever was beside it has ended before.
        this.#auditing.length = 0;
        this.#audited.push(run);
        return null;
      }
      case "audit": {
        const { type: _, at: __, ...audit } = event;
        this.#audit = audit;
        return null;
      }
      case "server_starting":
        this.#servers.set(event.instance, { starting: event, started: null });
        return null;
      case "server_started": {
        const server = this.#servers.get(event.instance);
        if (server !== undefined) this.#servers.set(event.instance, { ...server, started: event });
        return null;
      }
      case "server_stopped":
        this.#servers.delete(event.instance);
        return null;
      case "run_starting":
      case "run_started": {
        const { attempt } = event;
        const before = this.#entries.get(runKey(event));
        if (before !== undefined && before.attempt !== attempt) this.#before.set(runKey(event), before);
        const isSame = before?.attempt === attempt;
        const starting = isSame ? before.starting : null;
        return this.#set(event, {
          status: "running",
          attempt,
          starting: event.type === "run_starting" ? event : starting,
          started: event.type === "run_started" ? event : null,
          finished: null,
          failures: before?.failures ?? 0,
          // Both lines are of one try.
          tries: isSame && starting !== null ? before.tries : this.triesWithNext(event),
          voids: this.voidsSoFar(event),
          session: this.#session,
        });
      }
      case "run_finished": {
        if (event.superseded === true) return this.#supersede(event);
        this.#isLookOld = true;
        const { attempt } = event;
        const before = this.#entries.get(runKey(event));
        const { starting = null, started = null, failures = 0 } = before ?? {};
        const isSame = before?.attempt === attempt;
        // A line that stands there twice counts once.
        const isNew = before?.finished?.attempt !== attempt;
        const status = entryStatus(event.kind);
        return this.#set(event, {
          status,
          attempt,
          starting: starting?.attempt === attempt ? starting : null,
          started: started?.attempt === attempt ? started : null,
          finished: event,
          failures: failures + (isNew && isFailure(event) ? 1 : 0),
          tries: isSame ? before.tries : this.triesWithNext(event),
          voids: (isSame ? before.voids : this.voidsSoFar(event)) + (isNew && isVoid(event) ? 1 : 0),
          session: isSame ? before.session : this.#session,
        });
      }
    }
  }

  /** The attempt does not count: the run stands where it stood before it. */
  #supersede(event: RunFinished): string {
    const key = runKey(event);
    const before = this.#before.get(key);
    if (this.#entries.get(key)?.attempt !== event.attempt) return key;
    if (before === undefined) this.#entries.delete(key);
    else this.#entries.set(key, before);
    return key;
  }

  /** The `tries` of an entry once another attempt of that run has begun in this session. */
  triesWithNext(run: { readonly config_hash: string; readonly cycle: number }): number {
    const before = this.#entries.get(runKey(run));
    if (before === undefined || before.session !== this.#session) return 1;
    const wasVoid = before.finished !== null && isVoid(before.finished);
    return wasVoid ? before.tries : before.tries + 1;
  }

  /** How many attempts of that run were made void in this session. */
  voidsSoFar(run: { readonly config_hash: string; readonly cycle: number }): number {
    const before = this.#entries.get(runKey(run));
    return before?.session === this.#session ? before.voids : 0;
  }

  /**
   * The time between two lines that only a runner writes: a resume writes lines before it begins. A clock that was set back
   * counts for nothing.
   */
  #spend(event: StampedEvent): void {
    const isOpening = event.type === "study_started" || event.type === "study_resumed";
    const isRunning = event.type === "run_starting" || event.type === "study_finished" ||
      event.type === "run_finished" && event.kind !== "lost";
    if (!isOpening && !isRunning) return;
    const nowMs = Date.parse(event.type === "run_finished" ? event.completed_at : event.at);
    if (!isOpening && this.#lastMs !== null && nowMs > this.#lastMs) this.#spentMs += nowMs - this.#lastMs;
    this.#lastMs = nowMs;
  }

  #set(run: { readonly config_hash: string; readonly cycle: number }, entry: Entry): string {
    const key = runKey(run);
    this.#entries.set(key, entry);
    return key;
  }
}

/** The line that began the latest attempt; null where there is none. */
export function begunOf({ starting, started }: Entry): StampedEvent & (RunStarting | RunStarted) | null {
  return starting ?? started;
}

function entryStatus(kind: OutcomeKind): EntryStatus {
  return kind === "lost" ? "lost" : statusOf(kind);
}
