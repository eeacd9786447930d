import type { AttemptPlace } from "../../launch/attempt_request.ts";
import type { Chain } from "../../plan/pool/chain.ts";
import type { BoardSet, PoolMode } from "../../plan/pool/pool.ts";
import type { Slot } from "../lifetimes.ts";

/** The boards of a study of which several runs are made at a time. */
export interface BoardPool {
  readonly mode: PoolMode;
  /** Nothing loads while a run is measured. */
  readonly quiet: boolean;
  /** Every board, as the driver lists them. */
  readonly boards: BoardSet;
  /** The sets that a run with so many boards may get, preferred ones first. */
  readonly sets: (count: number) => readonly BoardSet[];
  /** Where chains were placed before, by their ids. */
  readonly earlier: ReadonlyMap<string, BoardSet>;
  /** The slot of a set of boards, made anew for each set. */
  readonly slotOf: (boards: BoardSet) => Slot;
  /** What the processes of a slot get of the machine; `number` counts slots from 0. */
  readonly placeOf: (number: number, boards: BoardSet) => Omit<AttemptPlace, "gate">;
  /** All chains of the study, for an audit to choose from. */
  readonly chains: () => readonly Chain[];
  /** Hears how the measured windows of runs overlap from now on; left out where nobody does. */
  readonly onSharing?: (by: { readonly mode: PoolMode; readonly is_audited: boolean }) => void;
  /** Hears of every board of the pool that is lost, also of those that were lost before. */
  readonly onLoss: (listener: (board: string) => void) => void;
}
