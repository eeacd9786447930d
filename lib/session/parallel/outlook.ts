import { readGpus } from "../../host/gpus.ts";
import { boardKey, boardsListed } from "../../host/boards.ts";
import { readPciPath } from "../../host/pci_path.ts";
import { boardsOf } from "../../host/pool_boards.ts";
import { ALL_DEVICES } from "../../host/visible_boards.ts";
import type { EarlierTimes } from "../../plan/estimate.ts";
import type { Plan } from "../../plan/plan.ts";
import { boardSets, type PlacedBoard } from "../../plan/pool/board_sets.ts";
import { type Outlook, type OutlookBoards, outlookOf } from "../../plan/pool/outlook.ts";
import { type DemandPlace, demandsOf } from "./demands.ts";

/** Where no board is here and the study names none. */
const ASSUMED_BOARDS = 8;

/** What several runs at a time would come to on this machine, or on boards that the study names; null where it makes one at a time. */
export function parallelOutlook(plan: Plan, place: DemandPlace, earlier: EarlierTimes): Outlook | null {
  if (plan.execution.parallel === "off") return null;
  const boards = boardsFor(plan, place);
  return outlookOf(plan, demandsOf(plan, { ...place, has_gpu: true }), boards, earlier);
}

function boardsFor({ execution: { devices } }: Plan, { env }: DemandPlace): OutlookBoards {
  const isNamed = devices.length > 0 && !devices.includes(ALL_DEVICES);
  const { boards } = boardsOf(devices, boardsListed(readGpus()), env);
  if (boards.length > 0 && (!isNamed || boards.length === devices.length)) {
    const placed = boards.map((board) => ({
      key: boardKey(board),
      index: board.index,
      path: readPciPath(board.bus),
    }));
    return { ...withSets(placed), from: "found" };
  }
  const names = isNamed ? devices : Array.from({ length: ASSUMED_BOARDS }, (_, index) => String(index));
  const placed = names.map((key, at) => ({
    key,
    index: /^\d{1,4}$/.test(key) ? Number(key) : at,
    path: null,
  }));
  return { ...withSets(placed), from: isNamed ? "named" : "assumed" };
}

function withSets(boards: readonly PlacedBoard[]): Pick<OutlookBoards, "names" | "sets"> {
  return { names: boards.map(({ key }) => key), sets: boardSets(boards) };
}
