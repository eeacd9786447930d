import { smallest } from "../../base/numbers.ts";
import type { Core, CpuTopology, DevicePlace } from "../../host/cpu_topology.ts";

/** `auto`: cores of its own near the board. `numa`: all of the board's node. `none`: all of the machine. */
export type Pin = "auto" | "numa" | "none";

/** A board, and where on the machine it is. */
export interface PlacedBoard {
  readonly id: string;
  readonly place: DevicePlace;
}

/** What a board has of the machine. */
export interface CpuShare {
  /** CPUs of what runs on it, ascending; null for all. */
  readonly cpus: readonly number[] | null;
  /** The NUMA node of all of them; null where they are of several, or where the machine has none. */
  readonly numa: number | null;
  /** Cores to reckon with, at least 1: as many threads have one each. Null where nothing is shared out. */
  readonly cores: number | null;
}

/** The shares of all boards of a pool. */
export interface CoreSplit {
  readonly shares: ReadonlyMap<string, CpuShare>;
  /** Counts where there are fewer cores than boards, so that boards share them; else null. */
  readonly scarce: { readonly cores: number; readonly boards: number } | null;
}

/** With so many cores of its own a run does without their second hardware threads, which then idle. */
const ENOUGH_CORES = 4;

/**
 * Shares the cores out among the boards of a pool, as many for each: what differs between boards is then the board. Cores near a
 * board are preferred as long as that costs less than half of its share. What is left over, and of plenty at least one core, is
 * llem's and its meter's: the first ones of a node, to which the system sends most of its own work.
 */
export function splitCores(topology: CpuTopology, boards: readonly PlacedBoard[], pin: Pin): CoreSplit {
  const { cores } = topology;
  if (pin === "none" || cores.length === 0 || boards.length === 0) return alike(boards, EVERYTHING, null);
  const granted = Math.max(1, Math.min(cores.length, Math.floor(topology.granted ?? cores.length)));
  const fair = Math.floor(granted / boards.length);
  if (fair === 0) {
    const all = { cpus: cpusOf(cores), numa: nodeOf(cores), cores: 1 };
    return alike(boards, all, { cores: granted, boards: boards.length });
  }
  return {
    shares: pin === "numa" ? byNode(cores, boards, fair) : byCore(cores, boards, fair, granted),
    scarce: null,
  };
}

const EVERYTHING: CpuShare = { cpus: null, numa: null, cores: null };

function alike(boards: readonly PlacedBoard[], share: CpuShare, scarce: CoreSplit["scarce"]): CoreSplit {
  return { shares: new Map(boards.map(({ id }) => [id, share])), scarce };
}

/** What a run on several boards has. */
export function joinShares(shares: readonly CpuShare[]): CpuShare {
  const [first = EVERYTHING, ...others] = shares;
  return others.reduce(
    (sum, share) => ({
      cpus: sum.cpus === null || share.cpus === null ? null : ascending([...sum.cpus, ...share.cpus]),
      numa: sum.numa === share.numa ? sum.numa : null,
      cores: sum.cores === null || share.cores === null ? null : sum.cores + share.cores,
    }),
    first,
  );
}

/** All that is near, which the boards of a node have in common. */
function byNode(
  cores: readonly Core[],
  boards: readonly PlacedBoard[],
  fair: number,
): Map<string, CpuShare> {
  return new Map(boards.map(({ id, place }) => {
    const near = nearTo(place, cores);
    const mates = boards.filter((board) => nearTo(board.place, cores)[0] === near[0]).length;
    const count = Math.max(1, Math.min(fair, Math.floor(near.length / mates)));
    return [id, { cpus: cpusOf(near), numa: nodeOf(near), cores: count }];
  }));
}

function byCore(
  cores: readonly Core[],
  boards: readonly PlacedBoard[],
  fair: number,
  granted: number,
): Map<string, CpuShare> {
  const near = boards.map(({ place }) => nearTo(place, cores));
  const nearest = Math.min(fair, smallest(near.map((own) => Math.floor(own.length / matesOf(own, near)))));
  const isNear = nearest >= Math.ceil(fair / 2);
  const count = forLlem(isNear ? nearest : fair, boards.length, granted);
  const free = new Set(cores);
  // From the last board and the last core backwards: the first cores are left over. Those that must be near choose first.
  const order = boards.map((board, at) => ({ board, own: near[at] ?? [] })).reverse()
    .sort((one, other) => one.own.length - other.own.length);
  const taken = new Map(order.map(({ board, own }) => {
    const wanted = [...own.filter((core) => free.has(core)).reverse(), ...[...free].reverse()];
    const mine = [...new Set(wanted)].slice(0, count);
    for (const core of mine) free.delete(core);
    return [board.id, shareOf(mine)];
  }));
  return new Map(boards.map(({ id }) => [id, taken.get(id) ?? EVERYTHING]));
}

/** A core less for each board where none would be left for llem, and none misses it. */
function forLlem(count: number, boards: number, granted: number): number {
  return count * boards === granted && count >= ENOUGH_CORES ? count - 1 : count;
}

function shareOf(cores: readonly Core[]): CpuShare {
  const isEnough = cores.length >= ENOUGH_CORES;
  const cpus = isEnough ? ascending(cores.map(({ cpus: [first = 0] }) => first)) : cpusOf(cores);
  return { cpus, numa: nodeOf(cores), cores: cores.length };
}

/** Boards that are near the same cores. */
function matesOf(own: readonly Core[], near: readonly (readonly Core[])[]): number {
  return near.filter((cores) => cores.some((core) => own.includes(core))).length;
}

/** All of them where nothing is told, or where none of what is near is allowed. */
function nearTo({ node, cpus }: DevicePlace, cores: readonly Core[]): readonly Core[] {
  const local = cores.filter((core) => core.cpus.some((cpu) => cpus.includes(cpu)));
  if (local.length > 0) return local;
  const own = node === null ? [] : cores.filter((core) => core.node === node);
  return own.length > 0 ? own : cores;
}

function nodeOf(cores: readonly Core[]): number | null {
  const [node = null, ...others] = new Set(cores.map((core) => core.node));
  return others.length === 0 ? node : null;
}

function cpusOf(cores: readonly Core[]): number[] {
  return ascending(cores.flatMap(({ cpus }) => cpus));
}

function ascending(cpus: readonly number[]): number[] {
  return [...new Set(cpus)].sort((one, other) => one - other);
}
