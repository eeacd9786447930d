/**
 * lib/launch/place/ owns what keeps runs apart that are made at a time on one machine: CPUs, memory, ports, caches. It decides and
 * reads; nothing is set before a worker is spawned.
 */
import { join } from "node:path";
import { CACHE_FOLDER } from "../../engines/caches.ts";
import { type CpuTopology, readCpuTopology, readDevicePlace } from "../../host/cpu_topology.ts";
import { pciKey } from "../../host/gpus.ts";
import { type AffinityPowers, affinityPowers, allowedCpus } from "../../process/affinity.ts";
import type { AttemptPlace } from "../attempt_request.ts";
import { cpusNotKept, fewerCoresThanBoards, memoryNotPreferred } from "./messages.ts";
import { drawPortBlocks } from "./slot_ports.ts";
import { threadVariables } from "./slot_environment.ts";
import { type CoreSplit, joinShares, type Pin, type PlacedBoard, splitCores } from "./split_cores.ts";

/** A board of a pool. */
export interface PoolBoard {
  /** As the pool names it. */
  readonly id: string;
  /** Its address on the PCI bus, such as `0000:c1:00.0`; null where that is not known. */
  readonly bus: string | null;
}

/** What the places of a pool are made of. */
export interface PlaceParts {
  readonly mode: AttemptPlace["mode"];
  /** In the order of the pool. */
  readonly boards: readonly PoolBoard[];
  /** Boards of the machine that are not the pool's: another llem may run on them. Left out where there are none. */
  readonly beside?: readonly PoolBoard[];
  readonly pin: Pin;
  /** Absolute. */
  readonly study_dir: string;
  /** The CPUs of this machine, and what may be set; left out for those that this process sees. */
  readonly machine?: PlaceMachine;
}

/** The machine as places see it. */
export interface PlaceMachine {
  readonly topology: CpuTopology;
  readonly powers: AffinityPowers;
  /** Stands before /sys. */
  readonly root: string;
}

/** Where the runs of a pool are made. */
export interface Places {
  /** What a run on these boards has; one without boards has the whole machine. */
  of(slot: number, boards: readonly string[]): Omit<AttemptPlace, "gate">;
  /** What a user should know of it, each with its code. */
  readonly warnings: readonly { readonly code: string; readonly text: string }[];
}

/** Looks at the machine once. */
export function openPlaces(parts: PlaceParts): Places {
  const { boards, pin, mode, study_dir } = parts;
  const { topology, powers: may, root } = parts.machine ?? thisMachine();
  const located = (those: readonly PoolBoard[]): PlacedBoard[] =>
    inBusOrder(those).map(({ id, bus }) => ({
      id,
      place: bus === null ? { node: null, cpus: [] } : readDevicePlace(bus, root),
    }));
  const alone = splitCores(topology, located(boards), pin);
  const { beside = [] } = parts;
  const withAll = beside.length === 0 || !topology.is_whole
    ? alone
    : splitCores(topology, located([...boards, ...beside]), pin);
  const split = withAll.scarce === null ? withAll : alone;
  // With one node all memory is as near.
  const hasNodes = new Set(topology.cores.map(({ node }) => node)).size > 1;
  const ports = new Map(drawPortBlocks(boards.length).map((port, at) => [boards[at]?.id ?? "", port]));
  return {
    warnings: warningsOf(split, may, hasNodes),
    of: (slot, ids) => {
      const [first] = ids;
      const port = ports.get(first ?? "");
      if (first === undefined || port === undefined) return { slot, mode, cpus: null, numa: null, env: {} };
      const { cpus, numa, cores } = joinShares(ids.map((id) => split.shares.get(id) ?? ALL));
      // By the board: agents of other machines keep theirs in the same folder.
      const folder = first.replaceAll(/[^\w.-]/g, "-");
      return {
        slot,
        mode,
        cpus: may.cpus ? cpus : null,
        numa: may.numa && hasNodes ? numa : null,
        env: cores === null ? {} : threadVariables(cores),
        own: { cores, port, caches: join(study_dir, CACHE_FOLDER, folder) },
      };
    },
  };
}

/** The same for every llem of the machine, so that a board has the same cores whoever runs on it. */
function inBusOrder(boards: readonly PoolBoard[]): PoolBoard[] {
  const key = ({ bus }: PoolBoard): string => bus === null ? "~" : pciKey(bus) ?? bus;
  return [...boards].sort((one, other) => key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0);
}

const ALL = { cpus: null, numa: null, cores: null };

function thisMachine(): PlaceMachine {
  return { topology: readCpuTopology(allowedCpus() ?? []), powers: affinityPowers(), root: "" };
}

/** `hasNodes`: memory may be near or far. */
function warningsOf(
  { shares, scarce }: CoreSplit,
  may: AffinityPowers,
  hasNodes: boolean,
): Places["warnings"] {
  const given = [...shares.values()];
  const warnings = [];
  if (scarce !== null) {
    warnings.push({ code: "few_cores", text: fewerCoresThanBoards(scarce.cores, scarce.boards) });
  }
  const isPinned = given.some(({ cpus }) => cpus !== null);
  if (isPinned && !may.cpus) warnings.push({ code: "unpinned", text: cpusNotKept() });
  else if (hasNodes && !may.numa && given.some(({ numa }) => numa !== null)) {
    warnings.push({ code: "memory_not_local", text: memoryNotPreferred() });
  }
  return warnings;
}
