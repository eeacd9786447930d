import { boardsMeant, type Gpu, pciKey } from "../host/gpus.ts";
import type { MigDevice } from "../meter/meter.ts";
import { boardOfSlice } from "./board_of_slice.ts";
import {
  boardAndSlice,
  deviceFitsSeveral,
  deviceUnknown,
  noMigDevice,
  noMigMode,
  sameBoard,
} from "./messages.ts";

/** A board that a driver tells of; `mig` is null where nothing tells whether it is cut. */
export type KnownBoard = Gpu & { readonly mig?: { readonly enabled: boolean } | null };

/**
 * Why devices that a study names are not what this machine has, one sentence each; `known` are the boards that a driver
 * tells of, and there is at least one. MIG devices are judged by whether any board is cut and by what the driver says of
 * them. A board and a slice of it are one board under two names.
 */
export function unknownDevices(
  named: readonly string[],
  known: readonly KnownBoard[],
  mig_devices: readonly MigDevice[] = [],
): string[] {
  const problems: string[] = [];
  const byBoard = new Map<KnownBoard, string>();
  for (const name of named) {
    if (name.startsWith("MIG-")) {
      if (known.every(({ mig }) => mig !== undefined && mig?.enabled !== true)) {
        problems.push(noMigMode(name, known));
      } else if (isAbsent(name, known, mig_devices)) problems.push(noMigDevice(name, known));
      continue;
    }
    const [board, other] = boardsMeant(name, known);
    if (board === undefined) {
      // A board may keep its uuid to itself.
      if (!isUuid(name) || known.every(({ uuid }) => uuid !== null)) {
        problems.push(deviceUnknown(name, known));
      }
      continue;
    }
    if (other !== undefined) {
      problems.push(deviceFitsSeveral(name, boardsMeant(name, known)));
      continue;
    }
    const before = byBoard.get(board);
    if (before !== undefined) problems.push(sameBoard(before, name, board));
    byBoard.set(board, name);
  }
  for (const name of named.filter((name) => name.startsWith("MIG-"))) {
    const parent = boardOfSlice(name, mig_devices);
    for (const board of parent === null ? [] : boardsMeant(parent, known)) {
      const whole = byBoard.get(board);
      if (whole !== undefined) problems.push(boardAndSlice(whole, name, board));
    }
  }
  return problems;
}

function isUuid(name: string): boolean {
  return /^(GPU|AMD)-/.test(name) && pciKey(name) === null;
}

/** True where the driver has no such slice. One of a board that did not open may be there all the same. */
function isAbsent(name: string, known: readonly KnownBoard[], mig_devices: readonly MigDevice[]): boolean {
  // By a name that contains its board's, as of older drivers, newer ones may not find it.
  if (name.startsWith("MIG-GPU-") || known.some(({ mig }) => mig === undefined)) return false;
  return mig_devices.some((device) => device.name === name && device.absent === true);
}
