import { type Board, boardKey, boardNamed, type Boards, cudaName, isDead, isSlice } from "./boards.ts";
import { ALL_DEVICES, namesVisible } from "./visible_boards.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A board of a pool. */
export interface PoolBoard extends Board {
  /** What locks, meters and records know it by. */
  readonly key: string;
  /** What CUDA_VISIBLE_DEVICES names it by; of a board that only slices of are named, these. */
  readonly cuda: string;
}

/** The boards on which runs are made at a time. */
export interface PoolBoards {
  /** In the order of their numbers, each once. */
  readonly boards: readonly PoolBoard[];
  /** Those that do not open: the others go on without them. */
  readonly left_out: readonly Board[];
  /** Names that stand for nothing that is known here; all there are where no driver tells of any board. */
  readonly unknown: readonly string[];
}

/**
 * The boards of a pool: those that the study names, else those that CUDA_VISIBLE_DEVICES, the Slurm job or the container
 * leaves to it.
 */
export function boardsOf(devices: readonly string[], machine: Boards, env: Env): PoolBoards {
  const isNamed = devices.length > 0 && !devices.includes(ALL_DEVICES);
  const names = isNamed ? devices : namesVisible(env, machine);
  const named = names?.map((name) => ({ name, board: boardNamed(name, machine) })) ?? null;
  const boards = machine.boards.filter((board) => named?.some((each) => each.board === board) !== false);
  const cudaOf = (board: Board): string => {
    const slices = named?.filter((each) => each.board === board && isSlice(each.name)) ?? [];
    return slices.map(({ name }) => name).join(",") || cudaName(board);
  };
  return {
    boards: boards.filter((board) => !isDead(board))
      .map((board) => ({ ...board, key: boardKey(board), cuda: cudaOf(board) })),
    left_out: boards.filter(isDead),
    unknown: isNamed ? named?.filter(({ board }) => board === null).map(({ name }) => name) ?? [] : [],
  };
}
