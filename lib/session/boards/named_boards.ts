import { type Board, boardNamed, type Boards, isSlice } from "../../host/boards.ts";
import { boardsMeant, pciKey } from "../../host/gpus.ts";
import { ALL_DEVICES } from "../../host/visible_boards.ts";
import {
  boardAndSlice,
  deviceFitsSeveral,
  deviceUnknown,
  noMigDevice,
  noMigMode,
  sameBoard,
} from "./messages.ts";

/**
 * Why devices that a study names are not what this machine has, one sentence each; none where nothing tells of any board.
 * MIG devices are judged by whether any board is cut and by what the driver says of them. A board and a slice of it are one
 * board under two names.
 */
export function unknownDevices(named: readonly string[], machine: Boards): string[] {
  const { boards } = machine;
  if (boards.length === 0) return [];
  const problems: string[] = [];
  const byBoard = new Map<Board, string>();
  for (const name of named) {
    if (name === ALL_DEVICES) continue;
    if (isSlice(name)) {
      const problem = sliceProblem(name, machine);
      if (problem !== null) problems.push(problem);
      continue;
    }
    const [board, other] = boardsMeant(name, boards);
    if (board === undefined) {
      // A board may keep its uuid to itself.
      if (!isUuid(name) || boards.every(({ uuid }) => uuid !== null)) {
        problems.push(deviceUnknown(name, boards));
      }
      continue;
    }
    if (other !== undefined) {
      problems.push(deviceFitsSeveral(name, boardsMeant(name, boards)));
      continue;
    }
    const before = byBoard.get(board);
    if (before !== undefined) problems.push(sameBoard(before, name, board));
    byBoard.set(board, name);
  }
  for (const name of named.filter(isSlice)) {
    const board = isTold(name, machine) ? boardNamed(name, machine) : null;
    const whole = board === null ? undefined : byBoard.get(board);
    if (board !== null && whole !== undefined) problems.push(boardAndSlice(whole, name, board));
  }
  return problems;
}

function isUuid(name: string): boolean {
  return /^(GPU|AMD)-/.test(name) && pciKey(name) === null;
}

/** Null where the slice may be there: one of a board that did not open may be so all the same. */
function sliceProblem(name: string, { boards, slices, asked }: Boards): string | null {
  if (!asked || boards.some(({ closed }) => closed !== null)) return null;
  if (boards.every(({ mig }) => mig !== true)) return noMigMode(name, boards);
  // By a name that contains its board's, as of older drivers, newer ones may not find it.
  if (name.startsWith("MIG-GPU-")) return null;
  const isAbsent = slices.some((slice) => slice.name === name && slice.absent === true);
  return isAbsent ? noMigDevice(name, boards) : null;
}

/** True where the driver or the name says whose slice it is: which board is cut is a guess. */
function isTold(name: string, { slices }: Boards): boolean {
  return name.startsWith("MIG-GPU-") || slices.some((slice) => slice.name === name && slice.board !== null);
}
