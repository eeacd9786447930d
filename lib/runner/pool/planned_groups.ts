import type { Run } from "../../experiment/run.ts";
import { GroupLog, groupOf, type RunEnd } from "../../plan/give_up.ts";
import type { GroupEnds } from "../tally.ts";

/**
 * The ends of the first `after` runs of each group in the order of the plan: with several runs at a time those that end first
 * are others from one machine to the next.
 */
export class PlannedGroups implements GroupEnds {
  readonly #after: number;
  readonly #log = new GroupLog(null);
  /** The first runs of each group, by their numbers. */
  readonly #first = new Map<string, number[]>();
  readonly #ends = new Map<number, RunEnd>();

  constructor(after: number | null) {
    this.#after = after ?? 0;
  }

  /** These runs are to be made as well. */
  expect(runs: readonly Run[]): void {
    if (this.#after === 0) return;
    for (const [group, members] of Map.groupBy(runs, groupOf)) {
      const numbers = [...this.#first.get(group) ?? [], ...members.map(({ index }) => index)];
      this.#first.set(group, numbers.sort((a, b) => a - b).slice(0, this.#after));
    }
  }

  endsOf(run: Run): readonly RunEnd[] | null {
    const first = this.#first.get(groupOf(run)) ?? [];
    if (!first.includes(run.index)) return null;
    return first.flatMap((index) => index === run.index ? [] : this.#ends.get(index) ?? []);
  }

  add(run: Run, end: RunEnd): void {
    if (this.#after > 0) this.#ends.set(run.index, end);
  }

  giveUp(run: Run): void {
    this.#log.giveUp(run);
  }

  hasGivenUp(run: Run): boolean {
    return this.#log.hasGivenUp(run);
  }
}
