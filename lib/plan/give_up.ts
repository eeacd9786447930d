import type { Outcome } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";

type Configured = Pick<Run, "config">;

/** How a run ended: its last outcome. */
export type RunEnd = Pick<Outcome, "kind" | "error">;

/** The group of a run: runs of one backend and model tend to fail for one reason. */
export function groupOf({ config }: Configured): string {
  return `${config.backend} ${config.model}`;
}

/**
 * How the first `after` runs of a group all ended, where the group is given up with this end: they all ended in the same
 * way, and not well. Null where it is not, always with an `after` of null. `earlier` are the ends before this one.
 */
export function wayToGiveUp(after: number | null, earlier: readonly RunEnd[], end: RunEnd): string | null {
  if (earlier.length + 1 !== after || end.kind === "completed") return null;
  const way = wayOf(end);
  return earlier.every((other) => wayOf(other) === way) ? way : null;
}

/** How the first runs of each group ended, and which groups have been given up. Only what it is told counts: one session. */
export class GroupLog {
  readonly #after: number | null;
  readonly #ends = new Map<string, RunEnd[]>();
  readonly #givenUp = new Set<string>();

  /** No more than the first `after` ends of a group are kept; with null none are. */
  constructor(after: number | null) {
    this.#after = after;
  }

  /** The ends of a run's group so far, in order. */
  endsOf(run: Configured): readonly RunEnd[] {
    return this.#ends.get(groupOf(run)) ?? [];
  }

  add(run: Configured, end: RunEnd): void {
    const ends = this.endsOf(run);
    if (ends.length < (this.#after ?? 0)) this.#ends.set(groupOf(run), [...ends, end]);
  }

  /** Further runs of this run's group are left out. */
  giveUp(run: Configured): void {
    this.#givenUp.add(groupOf(run));
  }

  hasGivenUp(run: Configured): boolean {
    return this.#givenUp.has(groupOf(run));
  }
}

/** Kind and error type: `crashed (SIGSEGV)`. */
function wayOf({ kind, error }: RunEnd): string {
  return error === null ? kind : `${kind} (${error.type})`;
}
