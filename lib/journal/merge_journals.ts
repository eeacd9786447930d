import { largest } from "../base/numbers.ts";
import { type Run, runKey } from "../experiment/run.ts";
import type { StudyAudit } from "../results/audit.ts";
import type { RunFinished, StampedEvent } from "./event.ts";
import { type Entry, foldJournal, type StudyState, type StudyStatus } from "./fold.ts";
import { isRunEnd } from "./standing.ts";

type RunIdentity = Pick<Run, "config_hash" | "cycle">;

/** One journal of a study that several processes write. */
export interface JournalPart {
  /** Who writes it: the name of the file without its ending. */
  readonly writer: string;
  readonly events: readonly StampedEvent[];
  /** Whether its writer is at work; null where that cannot be seen. */
  readonly alive: boolean | null;
}

/** The ends that agents agreed on. */
export interface AgreedEnds {
  /** The runs that have one. */
  readonly runs: readonly (RunIdentity & { readonly round: number })[];
  /** The last end of a run; null where it has none, or its file is damaged. Asked where the journals leave a doubt. */
  of(run: RunIdentity): RunFinished | null;
}

/** Of a study whose journals alone tell. */
export const NO_ENDS: AgreedEnds = { runs: [], of: () => null };

/**
 * The state of a study of several journals: each is folded alone, and every run stands where its agreed end says, else where
 * the best of its attempts does. How the writers took turns makes no difference, nor do their clocks. `total`: the runs that
 * the study has.
 */
export function mergeJournals(parts: readonly JournalPart[], ends: AgreedEnds, total: number): StudyState {
  const folded = [...parts].sort((a, b) => a.writer < b.writer ? -1 : 1)
    .map(({ writer, events, alive }) => ({ writer, alive, state: foldJournal(events) }));
  const candidates = new Map<string, Candidate[]>();
  for (const { writer, alive, state } of folded) {
    for (const [key, entry] of state.entries) {
      const own = candidates.get(key) ?? [];
      candidates.set(key, own);
      own.push({ writer, alive, entry });
    }
  }
  const agreed = new Map(ends.runs.map((run) => [runKey(run), run]));
  const entries = new Map<string, Entry>();
  for (const key of new Set([...candidates.keys(), ...agreed.keys()])) {
    const entry = entryOf(candidates.get(key) ?? [], agreed.get(key) ?? null, ends);
    if (entry !== null) entries.set(key, entry);
  }
  const begun = folded.filter(({ state }) => state.started_at !== null);
  const status = statusOf(entries, total, begun.length === 0 || folded.some(({ alive }) => alive !== false));
  const endings = [...entries.values()].flatMap(({ finished }) => finished?.completed_at ?? []);
  return {
    status,
    started_at: begun.map(({ state }) => state.started_at).filter((at) => at !== null).sort()[0] ?? null,
    completed_at: status === "running" ? null : endings.sort().at(-1) ?? null,
    entries,
    added: folded.flatMap(({ state }) => state.added),
    servers: new Map(folded.flatMap(({ state }) => [...state.servers])),
    look: null,
    is_look_old: false,
    audit: worstAudit(folded.flatMap(({ state }) => state.audit ?? [])),
    audited: folded.flatMap(({ state }) => state.audited),
    auditing: folded.flatMap(({ state }) => state.auditing),
    spent_s: largest(folded.map(({ state }) => state.spent_s), 0),
  };
}

/** Every agent takes its own, on its own boards. */
function worstAudit(audits: readonly StudyAudit[]): StudyAudit | null {
  const of = (wanted: StudyAudit["answer"]): StudyAudit | undefined =>
    audits.find(({ answer }) => answer === wanted);
  return of("differs") ?? of("not_resolvable") ?? audits[0] ?? null;
}

interface Candidate {
  readonly writer: string;
  readonly alive: boolean | null;
  readonly entry: Entry;
}

function entryOf(
  candidates: readonly Candidate[],
  agreed: AgreedEnds["runs"][number] | null,
  ends: AgreedEnds,
): Entry | null {
  const ended = candidates.filter(({ entry: { finished } }) => finished !== null && isRunEnd(finished));
  // One line that counts is that of the end: it is written by whoever had the end. After another round it may be an older one.
  if (agreed !== null && (ended.length !== 1 || agreed.round > 1)) {
    const end = ends.of(agreed);
    if (end !== null) return endedBy(end, candidates);
  }
  const [best] = (ended.length > 0 ? ended : candidates).toSorted(byRank);
  if (best === undefined) return null;
  const { entry, alive } = best;
  return entry.status === "running" && alive === false ? { ...entry, status: "lost" } : entry;
}

/** The writer of its line may have died before that, or its journal is damaged. */
function endedBy(end: RunFinished, candidates: readonly Candidate[]): Entry {
  const own = candidates.find(({ entry }) => entry.finished?.run_id === end.run_id);
  if (own !== undefined) return own.entry;
  const begun = candidates.find(({ entry }) => (entry.started ?? entry.starting)?.run_id === end.run_id);
  const { starting = null, started = null, failures = 0, session = 1 } = begun?.entry ?? {};
  const status = end.kind === "completed" ? "completed" : "failed";
  const { attempt } = end;
  return { status, attempt, starting, started, finished: end, failures, tries: 1, voids: 0, session };
}

/** Better ones first; of two that are as good the one that ended first, then by their writers. */
function byRank(one: Candidate, other: Candidate): number {
  const [a, b] = [rankOf(one), rankOf(other)];
  if (a !== b) return b - a;
  const [ended, otherEnded] = [one, other].map(({ entry }) => entry.finished?.completed_at ?? "");
  if (ended !== otherEnded) return (ended ?? "") < (otherEnded ?? "") ? -1 : 1;
  return one.writer < other.writer ? -1 : 1;
}

function rankOf({ entry, alive }: Candidate): number {
  switch (entry.status) {
    case "completed":
      return 5;
    case "failed":
      return entry.finished?.will_retry === true ? 2 : 4;
    case "running":
      return alive === false ? 0 : 3;
    case "interrupted":
      return 2;
    case "lost":
    case "pending":
      return 1;
  }
}

function statusOf(entries: ReadonlyMap<string, Entry>, total: number, isAlive: boolean): StudyStatus {
  const ends = [...entries.values()].filter(({ finished }) => finished !== null && isRunEnd(finished));
  if (ends.length >= total && total > 0) {
    return ends.every(({ status }) => status === "completed") ? "completed" : "failed";
  }
  return isAlive ? "running" : "interrupted";
}
