import type { BoardBook } from "./board_book.ts";
import { type ChainBook, type ChainState, isOpen } from "./chain_book.ts";
import type { BoardSet } from "./pool.ts";

/** A chain whose next run can begin, and where. */
export interface Pick {
  readonly state: ChainState;
  readonly boards: BoardSet;
}

/** What stands where, as far as it decides about what begins. */
export interface Standing {
  readonly chains: ChainBook;
  readonly boards: BoardBook;
  /** Runs that are being made. */
  readonly nActive: number;
  readonly nowMs: number;
}

/**
 * The chain whose run begins next; null where none can. It follows from how things stand and from nothing before:
 *
 * 1. Where the oldest chain is exclusive it gets its boards as any other; once it has them nothing else begins, and its runs
 *    begin when all others have ended.
 * 2. Placed chains go on where they are.
 * 3. The others take boards that belong to nobody, oldest first. The oldest that finds none keeps a set for itself, the one
 *    of which most is free: what is free of it goes to nobody else, so that it gets there in the end.
 */
export function pickNext(standing: Standing): Pick | null {
  const { chains, boards, nActive, nowMs } = standing;
  const oldest = chains.oldestOpen();
  if (oldest === null) return null;
  let reserved: BoardSet | null = null;
  if (oldest.chain.exclusive) {
    const set = oldest.at ?? bestSet(oldest, boards);
    if (boards.countUnowned(set, oldest) === set.length) {
      return nActive === 0 && boards.haveRested(set, nowMs) ? { state: oldest, boards: set } : null;
    }
    reserved = set;
  }
  return pickPlaced(standing) ?? pickWaiting(standing, reserved);
}

function pickPlaced({ chains, boards, nowMs }: Standing): Pick | null {
  for (const state of chains.placed) {
    const { at, isBusy, chain } = state;
    if (at === null || isBusy || chain.exclusive || !isOpen(state)) continue;
    if (boards.haveRested(at, nowMs)) return { state, boards: at };
  }
  return null;
}

function pickWaiting({ chains, boards, nowMs }: Standing, kept: BoardSet | null): Pick | null {
  // Then nobody gets any, and nothing need be kept for anybody.
  if (!boards.hasUnowned()) return null;
  let reserved = kept;
  /** Sizes of which no set is free now, and the chains that they concern. */
  const full = new Set<number>();
  let nChoosySeen = 0;
  for (const state of chains.waiting()) {
    const { chain, wanted } = state;
    if (chain.exclusive || wanted === null && full.has(chain.boards)) continue;
    const free = setsFor(state, boards).find((set) =>
      boards.countUnowned(set, null) === set.length && boards.haveRested(set, nowMs) &&
      !overlap(set, reserved)
    );
    if (free !== undefined) return { state, boards: free };
    if (wanted === null) full.add(chain.boards);
    else nChoosySeen++;
    reserved ??= bestSet(state, boards);
    if (chains.areAllOfSizes(full, nChoosySeen)) return null;
  }
  return null;
}

/** The set that a chain gets first: the one of which most belongs to nobody. */
function bestSet(state: ChainState, boards: BoardBook): BoardSet {
  const [first = [], ...others] = setsFor(state, boards);
  const free = (set: BoardSet): number => boards.countUnowned(set, state);
  return others.reduce((best, set) => free(set) > free(best) ? set : best, first);
}

function setsFor({ chain, wanted }: ChainState, boards: BoardBook): readonly BoardSet[] {
  return wanted === null ? boards.setsOf(chain.boards) : [wanted];
}

function overlap(set: BoardSet, other: BoardSet | null): boolean {
  return other !== null && set.some((board) => other.includes(board));
}
