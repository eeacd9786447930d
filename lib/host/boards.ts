import { boardsMeant, type Gpu } from "./gpus.ts";

/** A board of this machine, under all the names that it has. Its `index` is that of nvidia-smi. */
export interface Board extends Gpu {
  readonly minor: number | null;
  readonly driver: "nvidia" | "amd";
  /** True where it is cut into MIG devices; null where nothing tells. */
  readonly mig: boolean | null;
  /** Why it does not open; null where it does, or where nobody has tried. */
  readonly closed: ClosedBoard | null;
}

/** Why a board does not open. */
export interface ClosedBoard {
  /** `permission`: this user may not read it, and runs may be able to use it all the same. */
  readonly code: "lost" | "permission" | "read";
  /** Ends a sentence. */
  readonly reason: string;
  readonly remedy: string | null;
}

/** A MIG device that was asked for. */
export interface Slice {
  /** `MIG-...` */
  readonly name: string;
  /** The UUID of its board; null where the driver does not tell. */
  readonly board: string | null;
  /** True where the driver says that there is no such device. */
  readonly absent?: boolean;
}

/** The boards that this process can reach, by which every name of a device is looked up. */
export interface Boards {
  /** By their numbers, those that do not open included. Not those that a device cgroup keeps from this process. */
  readonly boards: readonly Board[];
  readonly slices: readonly Slice[];
  /** How many boards the driver lists in /proc, also those out of reach; 0 where it lists none. */
  readonly listed: number;
  /** True where a driver's library was asked; false where they are only what /proc lists. */
  readonly asked: boolean;
}

/** What /proc alone tells. */
export function boardsListed(listed: readonly Gpu[]): Boards {
  const boards = listed.map((gpu): Board => ({
    ...gpu,
    minor: gpu.minor ?? null,
    driver: "nvidia",
    mig: null,
    closed: null,
  }));
  return { boards, slices: [], listed: listed.length, asked: false };
}

/** What a board is known by to locks, meters and records: its UUID, or its number where it keeps that to itself. */
export function boardKey({ uuid, index }: Pick<Board, "uuid" | "index">): string {
  return uuid ?? String(index);
}

/** What CUDA takes for a board: its UUID, which counts from nowhere. HIP knows boards by their numbers alone. */
export function cudaName({ uuid, index, driver }: Board): string {
  return driver === "amd" ? String(index) : uuid ?? String(index);
}

/** True for a board that no run can use. */
export function isDead({ closed }: Board): boolean {
  return closed !== null && closed.code !== "permission";
}

/** True for the name of a MIG device. */
export function isSlice(name: string): boolean {
  return name.startsWith("MIG-");
}

/**
 * The board of a slice: as the driver says, else as its name does (older drivers), else the only board that is cut; null
 * where nothing tells.
 */
function boardOfSlice(
  name: string,
  { boards, slices }: Pick<Boards, "boards" | "slices">,
): Board | null {
  const uuid = slices.find((slice) => slice.name === name)?.board ?? /^MIG-(GPU-[0-9a-f-]+)/i.exec(name)?.[1];
  if (uuid !== undefined && uuid !== null) return oneBoard(uuid, boards);
  const cut = boards.filter(({ mig }) => mig === true);
  return cut.length === 1 ? cut[0] ?? null : null;
}

/** The board that a name stands for, a slice's board for that of a slice; null for none, or for several. */
export function boardNamed(name: string, machine: Pick<Boards, "boards" | "slices">): Board | null {
  return isSlice(name) ? boardOfSlice(name, machine) : oneBoard(name, machine.boards);
}

/** What a device is known by, whoever names it how; the name itself where it stands for no board that is known. */
export function keyNamed(name: string, machine: Pick<Boards, "boards" | "slices">): string {
  const board = boardNamed(name, machine);
  if (board !== null) return boardKey(board);
  const told = machine.slices.find((slice) => slice.name === name)?.board;
  return told ?? name.replace(/^MIG-(GPU-[0-9a-f-]+).*$/i, "$1");
}

function oneBoard(name: string, boards: readonly Board[]): Board | null {
  const [board, other] = boardsMeant(name, boards);
  return other === undefined ? board ?? null : null;
}
