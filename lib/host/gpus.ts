import { join } from "node:path";

/** An NVIDIA GPU as its driver tells of it in /proc. */
export interface Gpu {
  /** The driver's number of it, as nvidia-smi counts. Not its place in a list: boards may be missing there. */
  readonly index: number;
  readonly model: string;
  /** `GPU-...`; null where the driver does not tell. */
  readonly uuid: string | null;
  /** Address on the PCI bus, such as `0000:01:00.0`. */
  readonly bus: string;
  /** The number of its device file (`/dev/nvidia3`), which need not follow the bus; null or left out where nothing tells. */
  readonly minor?: number | null;
}

/**
 * The GPUs that the driver uses, in the order of their addresses, which is how nvidia-smi counts them from 0; empty
 * where there is no such driver.
 */
export function readGpus(root = "/proc/driver/nvidia/gpus"): Gpu[] {
  try {
    const told = [...Deno.readDirSync(root)].map(({ name }) => name).sort()
      .map((bus) => ({ bus, information: informationOf(join(root, bus)) }));
    if (told.every(({ information }) => information === null)) return [];
    return told.map(({ bus, information }) => parseGpu(bus, information ?? ""))
      .filter((gpu) => gpu !== null).map((gpu, index) => ({ index, ...gpu }));
  } catch {
    return [];
  }
}

/** Null where the driver does not tell: beside others that it tells of, the GPU is counted all the same. */
function informationOf(folder: string): string | null {
  try {
    return Deno.readTextFileSync(join(folder, "information"));
  } catch {
    return null;
  }
}

/** Null for a GPU that the driver was told to leave out. */
function parseGpu(bus: string, information: string): Omit<Gpu, "index"> | null {
  const field = (name: string): string | null =>
    new RegExp(`^${name}:[ \\t]*(.*\\S)`, "m").exec(information)?.[1] ?? null;
  if (field("GPU Excluded") === "Yes") return null;
  const uuid = field("GPU UUID");
  // Before anybody has used the GPU the driver knows none: `GPU-????????-????-...`.
  const minor = field("Device Minor");
  return {
    model: field("Model") ?? "unknown",
    uuid: uuid?.includes("?") === true ? null : uuid,
    bus,
    minor: minor !== null && /^\d+$/.test(minor) ? Number(minor) : null,
  };
}

/** An address on the PCI bus with a domain of four digits; null for what is none. NVML tells domains of eight. */
export function pciKey(text: string): string | null {
  const found = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$/i.exec(text);
  return found === null
    ? null
    : `${(found[1] ?? "0").slice(-4).padStart(4, "0")}:${found[2] ?? ""}`.toLowerCase();
}

/**
 * The boards that a name may stand for: the driver's number, a UUID or the beginning of one in upper or lower case, or an
 * address on the PCI bus. A whole UUID stands for one board.
 */
export function boardsMeant<T extends Gpu>(name: string, gpus: readonly T[]): T[] {
  if (/^\d+$/.test(name)) return gpus.filter(({ index }) => index === Number(name));
  const [wanted, pci] = [name.toLowerCase(), pciKey(name)];
  const whole = gpus.filter(({ uuid, bus }) =>
    uuid?.toLowerCase() === wanted || pci !== null && pciKey(bus) === pci
  );
  if (whole.length > 0 || !/^(gpu|amd)-./.test(wanted)) return whole;
  return gpus.filter(({ uuid }) => uuid?.toLowerCase().startsWith(wanted) === true);
}

/**
 * What a device is known by, whoever names it how: the UUID of the one board that the name stands for, otherwise the name
 * itself.
 */
export function deviceKey(device: string, gpus: readonly Gpu[]): string {
  const [board, other] = boardsMeant(device, gpus);
  return other === undefined ? board?.uuid ?? device : device;
}

/** The devices that a program sees by CUDA_VISIBLE_DEVICES (undefined: all of them), as they are named there. */
export function visibleDevices(variable: string | undefined, gpus: readonly Gpu[]): string[] {
  if (variable === undefined) return gpus.map(({ index }) => String(index));
  const names = variable.split(",").map((name) => name.trim());
  // CUDA stops at the first name that names nothing, -1 for example.
  const end = names.findIndex((name) => !/^(\d+|GPU-.+|MIG-.+)$/.test(name));
  return end === -1 ? names : names.slice(0, end);
}
