import type { EntryStatus, Run } from "../experiment/run.ts";
import { runKey } from "../experiment/run.ts";
import { runsAdded, withAdded } from "../journal/added_runs.ts";
import type { JournalEvent } from "../journal/event.ts";
import type { Entry, JournalFold, StudyState } from "../journal/fold.ts";
import type { Journal } from "../journal/journal.ts";
import { ManifestWriter } from "../journal/manifest_writer.ts";
import type { Plan } from "../plan/plan.ts";
import type { Disk } from "../storage/disk.ts";
import type { Totals } from "../journal/runner_event.ts";

/** What the books of a study are kept in. */
export interface LedgerParts {
  readonly plan: Plan;
  readonly dir: string;
  readonly disk: Disk;
  readonly journal: Journal;
  /** The journal so far, folded. */
  readonly fold: JournalFold;
  /** True where other processes write journals of the same study: the manifest is not this one's to keep. */
  readonly isShared?: boolean;
}

/**
 * The books of a study in motion: an event goes into the journal first, then into the state that is folded from it,
 * then into the manifest; and how many runs stand where is known without counting.
 */
export class Ledger implements Disposable {
  /** Those of the plan, and those that were added since. */
  readonly #runs: Run[];
  readonly #journal: Journal;
  readonly #fold: JournalFold;
  readonly #manifest: ManifestWriter | null;
  readonly #counts: Record<EntryStatus, number> = {
    pending: 0,
    running: 0,
    completed: 0,
    failed: 0,
    interrupted: 0,
    lost: 0,
  };

  /** `onManifestError` hears once that the manifest cannot be written: it can be made again from the journal. */
  constructor(
    { plan, dir, disk, journal, fold, isShared }: LedgerParts,
    onManifestError: (error: Error) => void,
  ) {
    this.#journal = journal;
    this.#fold = fold;
    this.#runs = [...withAdded(plan.runs, fold.state.added)];
    for (const run of this.#runs) this.#counts[this.#statusOf(run)] += 1;
    let hasFailed = false;
    this.#manifest = isShared === true
      ? null
      : new ManifestWriter(disk, `${dir}/manifest.json`, plan, fold.state, (error) => {
        if (!hasFailed) onManifestError(error);
        hasFailed = true;
      });
  }

  /** True where no runner has taken the study up before. */
  get isNew(): boolean {
    return this.#fold.state.started_at === null;
  }

  /** What the journal says so far. */
  get state(): StudyState {
    return this.#fold.state;
  }

  /** What the journal last says of a run; undefined while it does not name it. */
  entryOf(run: Run): Entry | undefined {
    return this.#fold.state.entries.get(runKey(run));
  }

  /**
   * Takes further runs into the study, numbered on from those it has. Durable when it returns. Throws SaveError, and
   * RangeError where a number is not the next one.
   */
  add(runs: readonly Run[]): void {
    for (const [offset, { index }] of runs.entries()) {
      const next = this.#runs.length + 1 + offset;
      if (index !== next) throw new RangeError(`The added run ${index} should be run ${next}`);
    }
    for (const run of runs) {
      this.#runs.push(run);
      this.#counts[this.#statusOf(run)] += 1;
    }
    for (const event of runsAdded(runs)) this.append(event);
  }

  /** Durable when it returns. Throws SaveError. */
  append(event: JournalEvent): void {
    const run = "index" in event ? this.#runs[event.index - 1] : undefined;
    if (run !== undefined) this.#counts[this.#statusOf(run)] -= 1;
    const key = this.#fold.apply(this.#journal.append(event));
    if (run !== undefined) this.#counts[this.#statusOf(run)] += 1;
    this.#manifest?.update(key, this.#fold.state);
  }

  totals(): Totals {
    const { completed, failed, interrupted } = this.#counts;
    const total = this.#runs.length;
    return { total, completed, failed, interrupted, pending: total - completed - failed - interrupted };
  }

  /** Writes the manifest now, whenever the last time was. */
  writeManifest(): void {
    this.#manifest?.write();
  }

  [Symbol.dispose](): void {
    this.#manifest?.cancel();
  }

  #statusOf(run: Run): EntryStatus {
    return this.entryOf(run)?.status ?? "pending";
  }
}
