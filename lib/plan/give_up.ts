import type { Outcome } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";

type Configured = Pick<Run, "config">;
type End = Pick<Outcome, "kind" | "error">;

/** The group of a run: runs of one backend and model tend to fail for one reason. */
export function groupOf({ config }: Configured): string {
  return `${config.backend} ${config.model}`;
}

/**
 * Watches how the first runs of each group end. A group is given up once its first `after` runs have all ended in
 * the same way, and not well; with null none ever is. Only the ends it is told count: those of one session.
 */
export class GroupWatch {
  readonly #after: number | null;
  readonly #ends = new Map<string, End[]>();
  readonly #givenUp = new Set<string>();

  constructor(after: number | null) {
    this.#after = after;
  }

  /** Takes the last end of a run in; how they all ended where its group is given up from now on, else null. */
  take(run: Configured, end: End): string | null {
    const group = groupOf(run);
    const ends = this.#ends.get(group) ?? [];
    this.#ends.set(group, ends);
    if (this.#after === null || ends.length >= this.#after) return null;
    ends.push(end);
    const way = wayOf(end);
    if (ends.length < this.#after || end.kind === "completed") return null;
    if (ends.some((other) => wayOf(other) !== way)) return null;
    this.#givenUp.add(group);
    return way;
  }

  hasGivenUp(run: Configured): boolean {
    return this.#givenUp.has(groupOf(run));
  }
}

/** Kind and error type: `crashed (SIGSEGV)`. */
function wayOf({ kind, error }: End): string {
  return error === null ? kind : `${kind} (${error.type})`;
}
