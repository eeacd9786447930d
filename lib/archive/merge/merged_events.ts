import { largest } from "../../base/numbers.ts";
import { isJsonObject } from "../../base/json.ts";
import { statusOf } from "../../experiment/outcome.ts";
import { type Run, runKey } from "../../experiment/run.ts";
import type { AttemptFolder, RunFinished, StampedEvent } from "../../journal/event.ts";
import { runFolderName } from "../../results/run_folder.ts";

/** One study directory of several of the same plan. */
export interface MergeSource {
  /** As it was named. */
  readonly dir: string;
  /** Of its journal in the merged directory, without the ending; no two are equal. */
  readonly name: string;
  readonly events: readonly StampedEvent[];
}

/** The folder of an attempt, where it comes from and where it goes. */
export interface MovedFolder {
  /** A study directory. */
  readonly dir: string;
  /** Relative to it. */
  readonly from: string;
  /** Relative to the merged directory. */
  readonly to: string;
  /** The attempt under its new name; null where it keeps its own. */
  readonly renamed: Pick<AttemptFolder, "run_id" | "attempt"> | null;
}

/** What a merged directory is made of. */
export interface MergedEvents {
  readonly journals: readonly { readonly name: string; readonly events: readonly StampedEvent[] }[];
  readonly folders: readonly MovedFolder[];
  /** Attempts that stand in several directories under one name and are not the same. */
  readonly disagreeing: readonly { readonly run_id: string; readonly dirs: readonly [string, string] }[];
  /** Attempts that are kept and do not count, as another directory has the run's end. */
  readonly superseded: number;
}

/**
 * The journals of several directories beside each other. A run that two of them made counts once: a completed one before any
 * other, then the one that ended first. Attempts of the other directory are kept as superseded, under further numbers; an
 * attempt that both have is one. `sameFiles`: whether the results of an attempt are the same in two directories.
 */
export function mergedEvents(
  sources: readonly MergeSource[],
  runs: readonly Run[],
  sameFiles: (folder: string, one: string, other: string) => boolean,
): MergedEvents {
  const byKey = new Map(runs.map((run) => [runKey(run), run]));
  const made = sources.map(({ events }) => attemptsByRun(events));
  const attemptOf = new Map(
    made.flatMap((byRun) => [...byRun.values()].flat()).flatMap((attempt) =>
      attempt.events.map((event): [StampedEvent, MadeAttempt] => [event, attempt])
    ),
  );
  const changes: Changes = { moved: new Map(), dropped: new Set(), disagreeing: [] };
  for (const [key, run] of byKey) {
    const owners = sources.flatMap((source, place) => {
      const attempts = made[place]?.get(key);
      return attempts === undefined ? [] : [{ source, attempts }];
    });
    if (owners.length > 1) settle(run, owners, changes, sameFiles);
  }
  return {
    journals: sources.map((source) => ({
      name: source.name,
      events: source.events.flatMap((event) => changed(event, attemptOf.get(event), changes)),
    })),
    folders: sources.flatMap((source, place) =>
      [...made[place]?.values() ?? []].flatMap((attempts) =>
        attempts.filter((attempt) => !changes.dropped.has(attempt)).map((attempt) =>
          folderOf(source, attempt, changes)
        )
      )
    ),
    disagreeing: changes.disagreeing,
    superseded: changes.moved.size,
  };
}

/** What a journal says of one attempt. */
interface MadeAttempt {
  readonly of: AttemptFolder;
  readonly events: StampedEvent[];
  finished: RunFinished | null;
}

interface Owner {
  readonly source: MergeSource;
  /** By number. */
  readonly attempts: readonly MadeAttempt[];
}

interface Changes {
  /** Superseded ones with their new names. */
  readonly moved: Map<MadeAttempt, Pick<AttemptFolder, "run_id" | "attempt">>;
  readonly dropped: Set<MadeAttempt>;
  readonly disagreeing: { run_id: string; dirs: readonly [string, string] }[];
}

function attemptsByRun(events: readonly StampedEvent[]): ReadonlyMap<string, readonly MadeAttempt[]> {
  const all = new Map<string, Map<number, MadeAttempt>>();
  for (const event of events) {
    if (!isOfAttempt(event)) continue;
    const key = runKey(event);
    const own = all.get(key) ?? new Map<number, MadeAttempt>();
    all.set(key, own);
    const folder = "folder" in event ? event.folder : `runs/${event.run_id}`;
    const { index, config_hash, cycle, attempt, run_id } = event;
    const made = own.get(attempt) ?? {
      of: { index, config_hash, cycle, attempt, run_id, folder },
      events: [],
      finished: null,
    };
    own.set(attempt, made);
    made.events.push(event);
    if (event.type === "run_finished") made.finished = event;
  }
  return new Map([...all].map(([key, own]) => [key, [...own.values()]]));
}

type OfAttempt = StampedEvent & { readonly type: "run_starting" | "run_started" | "run_finished" };

function isOfAttempt(event: StampedEvent): event is OfAttempt {
  return event.type === "run_starting" || event.type === "run_started" || event.type === "run_finished";
}

/** Says which directory has the end of a run, and gives the others' attempts further numbers. */
function settle(
  run: Run,
  owners: readonly Owner[],
  changes: Changes,
  sameFiles: (folder: string, one: string, other: string) => boolean,
): void {
  const [winner, ...losers] = owners.toSorted((a, b) => rankOf(a) < rankOf(b) ? -1 : 1);
  if (winner === undefined) return;
  const kept = winner.attempts.map((attempt) => ({ attempt, dir: winner.source.dir }));
  let last = largest(kept.map(({ attempt }) => attempt.of.attempt));
  for (const { source, attempts } of losers) {
    for (const attempt of attempts) {
      const twin = kept.find((one) => isSame(one.attempt, attempt));
      if (twin !== undefined) {
        changes.dropped.add(attempt);
        if (!sameFiles(attempt.of.folder, twin.dir, source.dir)) {
          changes.disagreeing.push({ run_id: attempt.of.run_id, dirs: [twin.dir, source.dir] });
        }
        continue;
      }
      last += 1;
      const { index, config_hash, cycle, config: { model, backend } } = run;
      const run_id = runFolderName({ index, model, backend, config_hash, cycle, attempt: last });
      changes.moved.set(attempt, { run_id, attempt: last });
      kept.push({ attempt, dir: source.dir });
    }
  }
}

/** In the order in which ends count: completed ones, other ends, none; then by time. */
function rankOf({ attempts }: Owner): string {
  const last = attempts.findLast(({ finished }) => finished?.superseded !== true)?.finished ?? null;
  const status = last === null || last.will_retry || last.kind === "lost" ? null : statusOf(last.kind);
  const rank = status === "completed" ? 0 : status === "failed" ? 1 : 2;
  return `${rank} ${last?.completed_at ?? "9"}`;
}

/** The same attempt, as two copies of one directory have it. */
function isSame(one: MadeAttempt, other: MadeAttempt): boolean {
  const [a, b] = [one.events[0], other.events[0]];
  if (one.of.run_id !== other.of.run_id || a === undefined || b === undefined) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

function folderOf({ dir }: MergeSource, attempt: MadeAttempt, { moved }: Changes): MovedFolder {
  const renamed = moved.get(attempt) ?? null;
  const to = renamed === null ? attempt.of.folder : `runs/${renamed.run_id}`;
  return { dir, from: attempt.of.folder, to, renamed };
}

/** The line as it goes into the merged directory; of a superseded attempt only its end. */
function changed(event: StampedEvent, attempt: MadeAttempt | undefined, changes: Changes): StampedEvent[] {
  if (attempt === undefined) return [event];
  if (changes.dropped.has(attempt)) return [];
  const renamed = changes.moved.get(attempt);
  if (renamed === undefined || event.type !== "run_finished") return renamed === undefined ? [event] : [];
  const { result_bytes: _, ...rest } = event;
  const result_file = event.result_file === null ? null : `runs/${renamed.run_id}/result.json`;
  return [{ ...rest, ...renamed, result_file, superseded: true }];
}

/** A record under the new name of its attempt; as it is where it is none of ours. */
export function renamedRecord(text: string, renamed: Pick<AttemptFolder, "run_id" | "attempt">): unknown {
  const record: unknown = JSON.parse(text);
  if (!isJsonObject(record) || !isJsonObject(record["run"])) return record;
  return { ...record, run: { ...record["run"], ...renamed } };
}
