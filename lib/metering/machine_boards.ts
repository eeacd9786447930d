import { type Board, type Boards, boardsListed } from "../host/boards.ts";
import { boardsMeant, type Gpu, pciKey, readGpus } from "../host/gpus.ts";
import type { LeftOutBoard, MeterDevice } from "../meter/meter.ts";
import type { HelloMessage } from "../meter/sample.ts";

/** What a meter tells of boards. */
export type ToldBoards = Pick<HelloMessage, "devices" | "left_out" | "mig_devices">;

/**
 * The boards of this machine, as a meter tells of them and the driver lists them in /proc. Numbers are the meter's, which
 * are those of nvidia-smi; the list adds what a board keeps to itself that does not open.
 */
export function machineBoards(told: ToldBoards | null, listed: readonly Gpu[] = readGpus()): Boards {
  const { devices = [], left_out = [], mig_devices = [] } = told ?? {};
  const opened = devices.filter(({ kind }) => kind === "gpu").map((device, place) =>
    openBoard(device, place, listed)
  );
  const closed = left_out.map((board) => closedBoard(board, opened, listed));
  const boards = [...opened, ...closed];
  if (boards.length === 0) return { ...boardsListed(listed), slices: mig_devices };
  return {
    boards: boards.sort((a, b) => a.driver === b.driver ? a.index - b.index : a.driver < b.driver ? 1 : -1),
    slices: mig_devices,
    listed: listed.length,
    asked: true,
  };
}

function openBoard(device: MeterDevice, place: number, listed: readonly Gpu[]): Board {
  const gpu = asGpu(device, place);
  const { minor_number } = device.facts;
  const [entry] = gpu.uuid === null ? [] : boardsMeant(gpu.uuid, listed);
  return {
    ...gpu,
    bus: gpu.bus === "" ? entry?.bus ?? "" : gpu.bus,
    minor: typeof minor_number === "number" ? minor_number : entry?.minor ?? null,
    driver: device.meter === "amd" ? "amd" : "nvidia",
    mig: device.mig?.enabled ?? null,
    closed: null,
  };
}

/** Of a board that does not open its driver may know nothing but the number. */
function closedBoard(
  { index, uuid, meter, code, reason, remedy }: LeftOutBoard,
  opened: readonly Board[],
  listed: readonly Gpu[],
): Board {
  const entry = meter === "nvml" ? entryOf({ index, uuid }, opened, listed) : undefined;
  return {
    index,
    uuid: uuid ?? entry?.uuid ?? null,
    model: entry?.model ?? "",
    bus: entry?.bus ?? "",
    minor: entry?.minor ?? null,
    driver: meter === "amd" ? "amd" : "nvidia",
    mig: null,
    closed: { code, reason, remedy },
  };
}

/** The entry of a board in the driver's list, which counts as nvidia-smi does unless a board is out of reach. */
function entryOf(
  { index, uuid }: { readonly index: number; readonly uuid: string | null },
  opened: readonly Board[],
  listed: readonly Gpu[],
): Gpu | undefined {
  if (uuid !== null) return listed.find((gpu) => gpu.uuid === uuid);
  const agrees = opened.every(({ index, bus, uuid }) => {
    const entry = listed.find((gpu) => gpu.index === index);
    return entry === undefined || entry.uuid === null || entry.uuid === uuid ||
      pciKey(entry.bus) === pciKey(bus);
  });
  return agrees ? listed.find((gpu) => gpu.index === index) : undefined;
}

/** NVML counts boards as nvidia-smi does; a recorded trace may tell no numbers. */
function asGpu({ uuid, name, facts }: MeterDevice, place: number): Gpu {
  const { index, pci_bus_id } = facts;
  return {
    index: typeof index === "number" ? index : place,
    uuid,
    model: name,
    bus: String(pci_bus_id ?? ""),
  };
}
