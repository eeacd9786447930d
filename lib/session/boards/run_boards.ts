import {
  type Board,
  boardNamed,
  type Boards,
  cudaName,
  isDead,
  isSlice,
  keyNamed,
} from "../../host/boards.ts";
import { boardsMeant, visibleDevices } from "../../host/gpus.ts";
import { ALL_DEVICES, namesVisible, visibleTo, withoutAll } from "../../host/visible_boards.ts";
import { machineBoards, type ToldBoards } from "../../metering/machine_boards.ts";
import { boardNotOpen } from "./messages.ts";

type Env = Readonly<Record<string, string>>;

/**
 * The GPUs that runs may use which are to use those `named`, by uuid; null where nothing keeps them from any. What stands
 * for no board that is metered stays as it was named.
 */
export function runDevices(named: readonly string[], told: ToldBoards, env: Env): string[] | null {
  const machine = machineBoards(told);
  const visible = visibleTo(env, machine);
  if (named.length === 0 && visible.kind !== "names") return null;
  const names = named.length > 0 || visible.kind !== "names"
    ? withoutAll(named, env, machine)
    : visible.names;
  return [...new Set(names.map((name) => keyNamed(name, machine)))];
}

/**
 * How workers are told the devices of a study, and else those that the environment leaves: as they are named, but as
 * uuids where CUDA may count otherwise than nvidia-smi does. None where CUDA_VISIBLE_DEVICES says what is meant.
 */
export function cudaNames(named: readonly string[], told: ToldBoards, env: Env): readonly string[] {
  const machine = machineBoards(told);
  const mayDiffer = countsOtherwise(machine);
  if (named.length > 0) {
    const isAll = named.includes(ALL_DEVICES);
    return withoutAll(named, env, machine).map((name) =>
      /^\d+$/.test(name) && !mayDiffer && !isAll ? name : nameForCuda(name, machine)
    );
  }
  const visible = visibleTo(env, machine);
  const saysOtherwise = env["SLURM_JOB_ID"] === undefined ? mayDiffer : isByDeviceFile(machine);
  if (!saysOtherwise || visible.kind !== "names" || env["CUDA_VISIBLE_DEVICES"] === undefined) return named;
  return visible.names.map((name) => nameForCuda(name, machine));
}

/** True where a board does not open, which CUDA may leave out of its count, or where some are out of reach. */
function countsOtherwise({ boards, listed, asked }: Boards): boolean {
  const nvidia = boards.filter(({ driver }) => driver === "nvidia");
  return nvidia.some(({ closed }) => closed !== null) || asked && nvidia.length > 0 && nvidia.length < listed;
}

/** True where Slurm's numbers, which are those of device files, are not those by which CUDA counts boards. */
function isByDeviceFile({ boards, listed, asked }: Boards): boolean {
  return boards.some(({ minor, index }) => minor !== null && minor !== index) ||
    asked && boards.length < listed;
}

/**
 * A name as CUDA and HIP take it: neither knows addresses on the PCI bus, CUDA compares the case of UUIDs, and HIP counts
 * the boards that amdgpu drives.
 */
function nameForCuda(name: string, machine: Boards): string {
  if (isSlice(name)) return name;
  const board = boardNamed(name, machine);
  if (board === null) return name;
  // The beginning of a UUID is enough for CUDA.
  return board.uuid?.startsWith(name) === true && board.driver === "nvidia" ? name : cudaName(board);
}

/** What a device is known by to whoever reads the memory of boards. */
export function boardKey(name: string, { devices }: ToldBoards): string {
  return keyNamed(name, machineBoards({ devices }));
}

/** The MIG devices that a study, or else CUDA_VISIBLE_DEVICES, names. */
export function migDevices(named: readonly string[], { CUDA_VISIBLE_DEVICES }: Env): string[] {
  const isNamed = named.length > 0 && !named.includes(ALL_DEVICES);
  return (isNamed ? named : visibleDevices(CUDA_VISIBLE_DEVICES ?? "", [])).filter(isSlice);
}

/**
 * Why boards that a study names cannot be used, one sentence each. A board that may not be read for want of rights is not
 * judged, and `all` stands for none that does not open, unless none does.
 */
export function deadBoards(named: readonly string[], machine: Boards, env: Env = {}): string[] {
  if (named.includes(ALL_DEVICES)) {
    const meant = boardsNamed(namesVisible(env, machine), machine);
    return meant.every(isDead) ? meant.map((board) => deadText(ALL_DEVICES, board, false)) : [];
  }
  return [
    ...new Set(named.flatMap((name) => {
      const board = boardNamed(name, machine);
      if (board !== null) return isDead(board) ? [deadText(name, board, false)] : [];
      const uuid = name.replace(/^MIG-(?=GPU-)/, "").replace(/\/.*$/, "");
      if (!uuid.startsWith("GPU-") || boardsMeant(uuid, machine.boards).length > 0) return [];
      // Of one that does not even tell its uuid nobody knows whether it is meant; the name is that of no other.
      return machine.boards.filter((board) => isDead(board) && board.uuid === null).slice(0, 1)
        .map((board) => deadText(name, board, true));
    })),
  ];
}

function boardsNamed(names: readonly string[] | null, machine: Boards): readonly Board[] {
  return machine.boards.filter((board) =>
    names?.some((name) => boardNamed(name, machine) === board) !== false
  );
}

function deadText(name: string, { index, uuid, closed }: Board, isGuess: boolean): string {
  const { reason = "", remedy = null } = closed ?? {};
  return boardNotOpen(name, { index, uuid, reason, remedy, isGuess });
}
