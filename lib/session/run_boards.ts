import { visibleIn } from "../archive/locks.ts";
import { boardsMeant, deviceKey, type Gpu, visibleDevices } from "../host/gpus.ts";
import type { LeftOutBoard, MeterDevice } from "../meter/meter.ts";
import type { HelloMessage } from "../meter/sample.ts";
import { boardOfSlice } from "./board_of_slice.ts";
import { boardNotOpen } from "./messages.ts";

type Env = Readonly<Record<string, string>>;

/** What a meter tells of boards. */
export type ToldBoards = Pick<HelloMessage, "devices" | "left_out" | "mig_devices">;

/**
 * The GPUs that runs may use which are to use those `named`, by uuid; null where nothing keeps them from any. A number is
 * the driver's own. What stands for no board that is metered stays as it was named.
 */
export function runDevices(
  named: readonly string[],
  { devices, left_out = [], mig_devices = [] }: ToldBoards,
  env: Env,
): string[] | null {
  const visible = visibleIn(env);
  if (named.length === 0 && isUnknown(visible, env)) return null;
  const gpus = devices.filter(({ kind }) => kind === "gpu").map(asGpu);
  const all = [...gpus, ...left_out.map(({ index, uuid }) => ({ index, uuid, model: "", bus: "" }))];
  const cut = devices.filter(({ mig }) => mig?.enabled === true).map(({ uuid }) => uuid);
  const names = named.length > 0 ? named : visibleDevices(visible, all);
  return [
    ...new Set(names.map((name) => {
      const onlyCut = name.startsWith("MIG-") && cut.length === 1 ? cut[0] : undefined;
      return boardOfSlice(name, mig_devices) ?? onlyCut ?? deviceKey(name, all);
    })),
  ];
}

/**
 * How workers are told the devices of a study, and else those of CUDA_VISIBLE_DEVICES: as they are named, but numbers as
 * uuids where a board does not open. CUDA may count without that board, and the driver counts it.
 */
export function cudaNames(
  named: readonly string[],
  { devices, left_out = [] }: ToldBoards,
  env: Env,
): readonly string[] {
  const gpus = devices.filter(({ meter }) => meter === "nvml").map(asGpu);
  if (!left_out.some(({ meter }) => meter === "nvml")) {
    return named.map((name) =>
      cudaName(name, gpus, devices.filter(({ meter }) => meter === "amd").map(asGpu))
    );
  }
  const visible = visibleIn(env);
  const names = named.length > 0 || visible !== env["CUDA_VISIBLE_DEVICES"]
    ? named
    : visibleDevices(visible ?? "", gpus);
  return names.map((name) => deviceKey(name, gpus));
}

/**
 * A name as CUDA and HIP take it: neither knows addresses on the PCI bus, CUDA compares the case of UUIDs, and HIP counts
 * the boards that amdgpu drives.
 */
function cudaName(name: string, nvidia: readonly Gpu[], amd: readonly Gpu[]): string {
  if (/^\d+$/.test(name)) return name;
  const [board] = boardsMeant(name, nvidia);
  const { uuid = null } = board ?? {};
  if (uuid !== null) return uuid.startsWith(name) ? name : uuid;
  const [other] = boardsMeant(name, amd);
  return other === undefined ? name : String(other.index);
}

/** What a device is known by to whoever reads the memory of boards. */
export function boardKey(name: string, { devices }: ToldBoards): string {
  return deviceKey(name, devices.filter(({ kind }) => kind === "gpu").map(asGpu));
}

/** Within a job nothing may be known of its devices; outside, an empty list hides them all. */
function isUnknown(visible: string | undefined, env: Env): boolean {
  return visible === undefined || (visible === "" && env["SLURM_JOB_ID"] !== undefined);
}

/** The MIG devices that a study, or else CUDA_VISIBLE_DEVICES, names. */
export function migDevices(named: readonly string[], env: Env): string[] {
  const names = named.length > 0 ? named : visibleDevices(visibleIn(env) ?? "", []);
  return names.filter((name) => name.startsWith("MIG-"));
}

/**
 * Why boards that a study names cannot be used, one sentence each. `listed` is the driver's list in /proc, which may know
 * the uuid of a board that does not open. A board that may not be read for want of rights is not judged.
 */
export function deadBoards(
  named: readonly string[],
  open: readonly Gpu[],
  leftOut: readonly LeftOutBoard[],
  listed: readonly Gpu[],
): string[] {
  const dead = leftOut.filter(({ code }) => code !== "permission").map((board) => ({
    ...board,
    uuid: board.uuid ??
      (board.meter === "nvml" ? listed.find(({ index }) => index === board.index)?.uuid ?? null : null),
  }));
  return [
    ...new Set(named.flatMap((name) => {
      if (/^\d+$/.test(name)) {
        if (open.some(({ index }) => index === Number(name))) return [];
        return dead.filter(({ index }) => index === Number(name)).map((board) => deadText(name, board));
      }
      const uuid = name.replace(/^MIG-(?=GPU-)/, "").replace(/\/.*$/, "");
      if (!uuid.startsWith("GPU-") || boardsMeant(uuid, open).length > 0) return [];
      const fits = (board: LeftOutBoard): boolean =>
        board.uuid?.toLowerCase().startsWith(uuid.toLowerCase()) === true;
      const meant = dead.filter(fits);
      // Of one that does not even tell its uuid nobody knows whether it is meant; the name is that of no other.
      return (meant.length > 0 ? meant : dead.filter((board) => board.uuid === null)).slice(0, 1)
        .map((board) => deadText(name, board));
    })),
  ];
}

function deadText(name: string, { index, uuid, reason, remedy }: LeftOutBoard): string {
  const isGuess = (uuid ?? null) === null && !/^\d+$/.test(name);
  return boardNotOpen(name, { index, uuid: uuid ?? null, reason, remedy, isGuess });
}

/** NVML counts boards as nvidia-smi does; a recorded trace may tell no numbers. */
export function asGpu({ uuid, name, facts }: MeterDevice, place: number): Gpu {
  const { index, pci_bus_id } = facts;
  return {
    index: typeof index === "number" ? index : place,
    uuid,
    model: name,
    bus: String(pci_bus_id ?? ""),
  };
}
