import { type Run, runKey } from "../experiment/run.ts";
import type { Plan } from "../plan/plan.ts";
import type { Disk } from "../storage/disk.ts";
import { withAdded } from "./added_runs.ts";
import type { StudyState } from "./fold.ts";
import { manifestEntry, manifestHead } from "./manifest.ts";

const LEAST_INTERVAL_MS = 1000;
/** Writing may take at most one part in so many of the time. */
const SHARE = 50;

/**
 * Keeps manifest.json up to date: at most once a second while the study is busy, less often where a write takes
 * long, and always at the end. One entry is turned into text again when it changes, never all of them.
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
  readonly #counts = { total: 0, completed: 0, failed: 0, interrupted: 0 };
  #state: StudyState;
  #dueMs = 0;
  #timer: number | null = null;

  constructor(disk: Disk, path: string, plan: Plan, state: StudyState, onError: (error: Error) => void) {
    this.#disk = disk;
    this.#path = path;
    this.#plan = plan;
    this.#state = state;
    this.#onError = onError;
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
    const waitMs = this.#dueMs - performance.now();
    if (waitMs <= 0) this.write();
    else this.#timer ??= setTimeout(() => this.write(), waitMs);
  }

  /** Forgets a write that is due later. */
  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Writes now. A failure is told and forgotten: the manifest can always be made again from the journal. */
  write(): void {
    this.cancel();
    const beganMs = performance.now();
    try {
      const head = JSON.stringify(manifestHead(this.#plan, this.#state, this.#counts), null, 2).slice(0, -2);
      const text = `${head},\n  "experiments": [\n${this.#texts.join(",\n")}\n  ]\n}\n`;
      this.#disk.replace(this.#path, new TextEncoder().encode(text));
    } catch (error) {
      this.#onError(error as Error);
    }
    const tookMs = performance.now() - beganMs;
    this.#dueMs = performance.now() + Math.max(LEAST_INTERVAL_MS, SHARE * tookMs);
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
    const entry = manifestEntry(run, state.entries.get(runKey(run)));
    this.#count(this.#statuses[position] ?? "pending", -1);
    this.#count(entry.status, 1);
    this.#statuses[position] = entry.status;
    this.#texts[position] = `    ${JSON.stringify(entry)}`;
  }

  #count(status: string, change: 1 | -1): void {
    if (status === "completed" || status === "failed" || status === "interrupted") {
      this.#counts[status] += change;
    }
  }
}
