import { type Run, runKey } from "../../experiment/run.ts";
import type { BoardSet } from "../../plan/pool/pool.ts";

/** How often a run whose boards were lost is made again on others. */
const MOST_MOVES = 3;

/** The boards that a pool has lost, and those that hold what cannot be killed. */
export class BoardsOut {
  readonly #lost = new Set<string>();
  readonly #held = new Set<string>();
  /** How often the boards of a run were lost. */
  readonly #losses = new Map<string, number>();

  /** Those of them that were not known to be lost. */
  lose(boards: BoardSet): BoardSet {
    const news = boards.filter((board) => !this.#lost.has(board));
    for (const board of news) this.#lost.add(board);
    return news;
  }

  hold(boards: BoardSet): void {
    for (const board of boards) this.#held.add(board);
  }

  /** The boards of a set that are lost; all where it is not known which. */
  goneOf(boards: BoardSet): BoardSet {
    const gone = boards.filter((board) => this.#lost.has(board));
    return gone.length > 0 ? gone : boards;
  }

  /** True where one of these sets is whole once the lost ones of `boards` are gone. */
  leaves(sets: readonly BoardSet[], boards: BoardSet): boolean {
    const out = new Set([...this.#lost, ...this.#held, ...this.goneOf(boards)]);
    return sets.some((set) => set.every((board) => !out.has(board)));
  }

  /** The run has lost a board; how often by now. */
  addLoss(run: Run): number {
    const losses = (this.#losses.get(runKey(run)) ?? 0) + 1;
    this.#losses.set(runKey(run), losses);
    return losses;
  }

  /** It has not lost them so often that it is left. */
  mayMove(run: Run): boolean {
    return (this.#losses.get(runKey(run)) ?? 0) < MOST_MOVES;
  }
}
