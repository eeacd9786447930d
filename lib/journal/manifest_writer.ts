import { type Run, runKey } from "../experiment/run.ts";
import type { Plan } from "../plan/plan.ts";
import { othersRuns } from "../plan/shard.ts";
import type { Disk } from "../storage/disk.ts";
import { withAdded } from "./added_runs.ts";
import { replaceInPieces } from "../storage/replace_in_pieces.ts";
import type { StudyState } from "./fold.ts";
import { manifestEntry, manifestHead } from "./manifest.ts";

const LEAST_INTERVAL_MS = 1000;
/** Writing may take at most one part in so many of the time. */
const SHARE = 50;
/** Up to so many runs are a matter of a millisecond; more of them are written in pieces of so many. */
const RUNS_AT_ONCE = 500;

/**
 * Keeps manifest.json up to date: at most once a second while the study is busy, less often where a write takes
 * long, and always at the end. One entry is turned into text again when it changes, never all of them; and while the study
 * runs, a manifest of many runs is written in pieces, so that nothing else waits for it.
 */
export class ManifestWriter {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #plan: Plan;
  readonly #onError: (error: Error) => void;
  readonly #runs: Run[] = [];
  readonly #texts: string[] = [];
  readonly #statuses: string[] = [];
  readonly #positions = new Map<string, number>();
  readonly #skipped: readonly string[];
  /** Keys of runs that other shards make. */
  readonly #others: ReadonlySet<string>;
  readonly #counts = { total: 0, completed: 0, failed: 0, interrupted: 0 };
  #state: StudyState;
  #dueMs = 0;
  #timer: number | null = null;
  /** Ends a writing in pieces that is under way. */
  #writing: AbortController | null = null;
  /** Something has changed since that began. */
  #isBehind = false;

  constructor(disk: Disk, path: string, plan: Plan, state: StudyState, onError: (error: Error) => void) {
    this.#disk = disk;
    this.#path = path;
    this.#plan = plan;
    this.#state = state;
    this.#onError = onError;
    this.#skipped = plan.skipped.map(lineOf);
    this.#others = othersRuns(plan);
    for (const run of plan.runs) this.#add(run, state);
    this.#grow(state);
  }

  /** The run of that key changed (null: the study did). Writes now or, when it is too soon, a little later. */
  update(key: string | null, state: StudyState): void {
    this.#state = state;
    const position = key === null ? undefined : this.#positions.get(key);
    if (position !== undefined) this.#set(position, state);
    // A study grows between its runs, by a line of its own.
    if (key === null) this.#grow(state);
    if (this.#writing !== null) {
      this.#isBehind = true;
      return;
    }
    const waitMs = this.#dueMs - performance.now();
    if (waitMs <= 0) this.#writeWhenDue();
    else this.#timer ??= setTimeout(() => this.#writeWhenDue(), waitMs);
  }

  /** Forgets a write that is due later, or under way. */
  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing?.abort();
    this.#writing = null;
  }

  /** Writes now, in one go. A failure is told and forgotten: the manifest can always be made again from the journal. */
  write(): void {
    this.cancel();
    const beganMs = performance.now();
    try {
      this.#disk.replace(this.#path, new TextEncoder().encode([...this.#pieces()].join("")));
    } catch (error) {
      this.#onError(error as Error);
    }
    this.#dueMs = nextMs(beganMs);
  }

  #writeWhenDue(): void {
    if (this.#texts.length + this.#skipped.length <= RUNS_AT_ONCE) this.write();
    else void this.#writeInPieces();
  }

  async #writeInPieces(): Promise<void> {
    this.cancel();
    const writing = new AbortController();
    this.#writing = writing;
    this.#isBehind = false;
    const beganMs = performance.now();
    try {
      await replaceInPieces(this.#path, encoded(this.#pieces()), writing.signal);
    } catch (error) {
      if (!writing.signal.aborted) this.#onError(error as Error);
    }
    if (this.#writing !== writing) return;
    this.#writing = null;
    this.#dueMs = nextMs(beganMs);
    if (this.#isBehind) this.update(null, this.#state);
  }

  /** The text as it is now: what changes later does not show in pieces that are asked for later. */
  #pieces(): Iterable<string> {
    const { skipped: _, ...head } = manifestHead(this.#plan, this.#state, this.#counts);
    const start = JSON.stringify(head, null, 2).slice(0, -2);
    return piecesOf(start, { skipped: this.#skipped, experiments: this.#texts.slice() });
  }

  #grow(state: StudyState): void {
    for (const run of withAdded(this.#runs, state.added).slice(this.#runs.length)) this.#add(run, state);
  }

  #add(run: Run, state: StudyState): void {
    const position = this.#runs.push(run) - 1;
    this.#positions.set(runKey(run), position);
    this.#counts.total += 1;
    this.#set(position, state);
  }

  #set(position: number, state: StudyState): void {
    const run = this.#runs[position];
    if (run === undefined) return;
    const entry = manifestEntry(run, state.entries.get(runKey(run)), this.#others);
    this.#count(this.#statuses[position] ?? "pending", -1);
    this.#count(entry.status, 1);
    this.#statuses[position] = entry.status;
    this.#texts[position] = lineOf(entry);
  }

  #count(status: string, change: 1 | -1): void {
    if (status === "completed" || status === "failed" || status === "interrupted") {
      this.#counts[status] += change;
    }
  }
}

function nextMs(beganMs: number): number {
  const nowMs = performance.now();
  return nowMs + Math.max(LEAST_INTERVAL_MS, SHARE * (nowMs - beganMs));
}

/** A member of one of the lists, which is a line of the file. */
function lineOf(value: unknown): string {
  return `    ${JSON.stringify(value)}`;
}

function* piecesOf(start: string, lists: Readonly<Record<string, readonly string[]>>): Generator<string> {
  yield start;
  for (const [name, lines] of Object.entries(lists)) {
    yield `,\n  "${name}": [\n`;
    for (let at = 0; at < lines.length; at += RUNS_AT_ONCE) {
      yield `${at === 0 ? "" : ",\n"}${lines.slice(at, at + RUNS_AT_ONCE).join(",\n")}`;
    }
    yield "\n  ]";
  }
  yield "\n}\n";
}

function* encoded(pieces: Iterable<string>): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  for (const piece of pieces) yield encoder.encode(piece);
}
