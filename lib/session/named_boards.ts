import { boardsMeant, type Gpu, pciKey } from "../host/gpus.ts";
import { deviceFitsSeveral, deviceUnknown, noMigMode, sameBoard } from "./messages.ts";

/** A board that a driver tells of; `mig` is null where nothing tells whether it is cut. */
export type KnownBoard = Gpu & { readonly mig?: { readonly enabled: boolean } | null };

/**
 * Why devices that a study names are not what this machine has, one sentence each; `known` are the boards that a driver
 * tells of, and there is at least one. MIG devices are judged by whether any board is cut.
 */
export function unknownDevices(named: readonly string[], known: readonly KnownBoard[]): string[] {
  const problems: string[] = [];
  const byBoard = new Map<KnownBoard, string>();
  for (const name of named) {
    if (name.startsWith("MIG-")) {
      if (known.every(({ mig }) => mig !== undefined && mig?.enabled !== true)) {
        problems.push(noMigMode(name, known));
      }
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
  return problems;
}

function isUuid(name: string): boolean {
  return /^(GPU|AMD)-/.test(name) && pciKey(name) === null;
}
