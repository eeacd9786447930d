import { smallest } from "../../base/numbers.ts";
import type { Run } from "../../experiment/run.ts";
import type { Boards } from "../../host/boards.ts";
import { pciKey } from "../../host/gpus.ts";
import { readPciPath } from "../../host/pci_path.ts";
import type { StudyState } from "../../journal/fold.ts";
import type { Emit } from "../../journal/runner_event.ts";
import { openPlaces } from "../../launch/place/places.ts";
import { machineBoards, type ToldBoards } from "../../metering/machine_boards.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Chain } from "../../plan/pool/chain.ts";
import { boardSets } from "../../plan/pool/board_sets.ts";
import { chainsOf } from "../../plan/pool/chains.ts";
import type { BoardSet } from "../../plan/pool/pool.ts";
import type { OffReason } from "../../plan/pool/resolve_mode.ts";
import { outlookOff } from "../../report/parallel/messages.ts";
import type { Slot } from "../../runner/lifetimes.ts";
import type { BoardPool } from "../../runner/pool/board_pool.ts";
import { type NamedBoard, poolGround } from "./pool_ground.ts";
import { refuseSharedCap } from "./shared_cap.ts";
import { ALL_BOARDS, type SlotBoards } from "./slots.ts";

/** What a pool is made of. */
export interface PoolParts {
  readonly plan: Plan;
  readonly todo: readonly Run[];
  readonly dir: string;
  readonly base_dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the meter tells of boards; null where there is none. */
  readonly told: ToldBoards | null;
  /** What the journal says of where chains were. */
  readonly state: StudyState;
  readonly slotOf: (slot: SlotBoards) => Slot;
  readonly onLoss: BoardPool["onLoss"];
  readonly onSharing: NonNullable<BoardPool["onSharing"]>;
  readonly emit: Emit;
  /** Hears why runs are made one after the other although the study leaves that open. */
  readonly say: (line: string) => void;
}

/** A pool, and how runs become chains of it. */
export interface OpenPool {
  readonly pool: BoardPool;
  readonly chainsOf: (runs: readonly Run[]) => readonly Chain[];
}

/**
 * The boards of a study, where several of its runs are to be made at a time; null where they are made one after the other.
 * Throws CommandError where there are no boards for that.
 */
export function openPool(parts: PoolParts): OpenPool | null {
  const { plan, todo, dir, base_dir, env, told, state, emit, onLoss } = parts;
  const { execution } = plan;
  const earlier = earlierPlaces(state);
  const machine = machineBoards(told);
  const onOff = (why: OffReason): void => parts.say(outlookOff(why));
  const ground = poolGround({ plan, todo, base_dir, env, machine, hasBegun: earlier.size > 0, onOff });
  if (ground === null) return null;
  refuseSharedCap(execution, told?.devices.map(({ name }) => name) ?? []);
  const { mode, boards, ofRun } = ground;
  const places = openPlaces({
    mode,
    boards: boards.map(({ key: id, bus }) => ({ id, bus: bus === "" ? null : bus })),
    beside: boardsBeside(boards, machine),
    pin: execution.pin,
    study_dir: Deno.realPathSync(dir),
  });
  for (const { code, text } of places.warnings) emit({ type: "warning", code, text });
  const byKey = new Map(boards.map((board) => [board.key, board]));
  const cudaOf = (key: string): string[] => byKey.get(key)?.cuda.split(",") ?? [key];
  const keys = boards.map(({ key }) => key);
  const sets = boardSets(boards.map(({ key, bus, index }) => ({ key, index, path: readPciPath(bus) })));
  const slotBoards = (set: BoardSet): SlotBoards => ({
    keys: set,
    cuda: set.flatMap(cudaOf),
    slot: keys.indexOf(set[0] ?? ""),
  });
  emit({
    type: "pool_opened",
    mode,
    boards: boards.map(({ key, index }) => ({ key, index })),
    width: widthOf(chainsOf(todo, ofRun, execution.pair_by), boards.length),
  });
  return {
    pool: {
      mode,
      quiet: execution.quiet,
      boards: keys,
      sets,
      earlier,
      slotOf: (set) => parts.slotOf(set.length === 0 ? ALL_BOARDS : slotBoards(set)),
      placeOf: (slot, set) => places.of(slot, set),
      chains: () => chainsOf(plan.runs, ofRun, execution.pair_by),
      onSharing: parts.onSharing,
      onLoss,
    },
    chainsOf: (runs) => chainsOf(runs, ofRun, execution.pair_by),
  };
}

/** Boards of the machine that are not the pool's, as far as their addresses are known. */
function boardsBeside(
  pool: readonly NamedBoard[],
  machine: Boards,
): { readonly id: string; readonly bus: string }[] {
  const own = new Set(pool.flatMap(({ key, bus }) => bus === "" ? [key] : [key, pciKey(bus) ?? bus]));
  return machine.boards
    .filter(({ uuid, bus }) => bus !== "" && !own.has(uuid ?? bus) && !own.has(pciKey(bus) ?? bus))
    .map(({ bus }) => ({ id: bus, bus }));
}

/** Runs at a time, at most: as many as there are chains, and boards for them. */
function widthOf(chains: readonly Chain[], boards: number): number {
  const beside = chains.filter(({ exclusive }) => !exclusive);
  const least = smallest(beside.map((chain) => chain.boards));
  return beside.length === 0
    ? 1
    : Math.max(1, Math.min(beside.length, Math.floor(boards / Math.max(1, least))));
}

/** Where chains were placed last, by the journal. */
function earlierPlaces({ entries }: StudyState): Map<string, BoardSet> {
  const placed = [...entries.values()].flatMap(({ starting }) =>
    starting?.placed === undefined ? [] : [starting]
  )
    .sort((a, b) => a.at < b.at ? -1 : 1);
  return new Map(placed.map(({ placed }) => [placed?.chain ?? "", placed?.devices ?? []]));
}
