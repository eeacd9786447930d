import type { Run } from "../../experiment/run.ts";
import type { Chain } from "./chain.ts";

/** How runs are made at a time: `staged` measures one after the other, `shared` several at once. */
export type PoolMode = "staged" | "shared";

/** A set of boards, in the order in which the driver lists them. */
export type BoardSet = readonly string[];

export interface PoolParts {
  readonly mode: PoolMode;
  /** Nothing loads while a run is measured. */
  readonly quiet: boolean;
  /** Every board of the pool, as the driver lists them. */
  readonly boards: BoardSet;
  /** The sets that a run with so many boards may get, preferred ones first; asked once for each count. */
  readonly sets: (count: number) => readonly BoardSet[];
  readonly chains: readonly Chain[];
  /** Where chains were placed before, by their ids: they go there again where they can. */
  readonly earlier: ReadonlyMap<string, BoardSet>;
}

/** What a chain asks of the boards. */
export type ChainDemand = Pick<Chain, "id" | "boards" | "exclusive">;

/** A run that is to begin now. */
export interface Placement {
  readonly run: Run;
  readonly chain: Chain;
  readonly boards: BoardSet;
  /** Earlier runs of its chain were made on other boards, which were lost. */
  readonly split: boolean;
}

/** How the pool hears that a run is over: `again` puts it back to the front of its chain. */
export type PoolEnd = "over" | "again";

/**
 * The scheduler of chains on boards: told what happens, it says what begins and who may be measured. It has no clock and
 * starts nothing, and the same calls give the same answers. Times are milliseconds of one clock, whichever.
 */
export interface Pool {
  /** Further chains, after those it has. */
  add(chains: readonly Chain[]): void;
  /** What is to begin now, in order. */
  decide(nowMs: number): readonly Placement[];
  /** The worker of a run has loaded, or has no gate to wait at. Runs that may be measured now. */
  ready(run: Run): readonly Run[];
  /** The measured window of a run is over, or it has failed before. Runs that may be measured now. */
  measured(run: Run): readonly Run[];
  /** A run is over; its boards rest for `gapMs` before the next. Runs that may be measured now. */
  ended(run: Run, end: PoolEnd, nowMs: number, gapMs: number): readonly Run[];
  /** These boards are used no more: lost, or held by a process that cannot be killed. The runs that are on them go on until `ended`. */
  takeAway(boards: BoardSet): void;
  /** Nothing begins any more. */
  halt(): void;
  /** When `decide` and `hasRoomFor` may say something new although nothing happens; null where that is never. */
  nextMs(nowMs: number): number | null;
  /**
   * True where a chain with that demand would begin at once, if it were added. Asked when `decide` has nothing more to say: it is
   * false as long as an older chain could begin.
   */
  hasRoomFor(demand: ChainDemand, nowMs: number): boolean;
  /** Runs that have not begun, in the order of their chains; `impossible` where no boards of that shape are left. */
  left(): readonly { readonly run: Run; readonly impossible: boolean }[];
}
