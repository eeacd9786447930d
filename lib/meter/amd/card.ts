import { join } from "node:path";
import type { JsonObject } from "../../base/json.ts";
import { type GpuMetrics, parseGpuMetrics } from "./gpu_metrics.ts";
import { namesIn, numberOf, readBinary, type SysfsFailure, textOf } from "../sysfs.ts";

const AMD = "0x1002";

/** The files of one GPU that amdgpu drives. Null where it offers no such file. */
export interface AmdCard {
  /** `card0`. */
  readonly card: string;
  /** Folder of the PCI device. */
  readonly device: string;
  readonly hwmon: string;
  readonly pci: string | null;
  readonly unique_id: string | null;
  readonly name: string;
  /** `power1_average` (as the driver averages) or `power1_input`. */
  readonly power_file: string | null;
  /** Files of temperatures by what they are: edge, junction, mem. */
  readonly temperatures: Readonly<Record<string, string>>;
  readonly facts: JsonObject;
}

/** Paths of the PCI devices of AMD's GPUs by their card: `card0`, not `card0-DP-1`. */
export function amdDevices(root: string): (readonly [card: string, device: string])[] {
  return namesIn(root).filter((name) => /^card\d+$/.test(name))
    .map((card) => [card, join(root, card, "device")] as const)
    .filter(([, device]) => textOf(join(device, "vendor")) === AMD);
}

/** The card's files; null where amdgpu offers no sensors (another driver holds it, or none). */
export function readAmdCard(card: string, device: string): AmdCard | null {
  const hwmon = namesIn(join(device, "hwmon")).map((name) => join(device, "hwmon", name))
    .find((folder) => textOf(join(folder, "name")) === "amdgpu");
  if (hwmon === undefined) return null;
  const pci = /^PCI_SLOT_NAME=(.+)$/m.exec(textOf(join(device, "uevent")) ?? "")?.[1] ?? addressOf(device);
  const names = namesIn(hwmon);
  return {
    card,
    device,
    hwmon,
    pci,
    unique_id: textOf(join(device, "unique_id")),
    name: textOf(join(device, "product_name")) ?? `AMD GPU ${textOf(join(device, "device")) ?? ""}`.trim(),
    power_file: ["power1_average", "power1_input"].find((name) => names.includes(name)) ?? null,
    temperatures: Object.fromEntries(
      names.filter((name) => /^temp\d+_input$/.test(name)).map((name) => {
        const label = textOf(join(hwmon, name.replace("_input", "_label")));
        return [label ?? name, join(hwmon, name)];
      }),
    ),
    facts: {
      pci,
      card,
      device_id: textOf(join(device, "device")),
      subsystem: textOf(join(device, "subsystem_device")),
      vbios: textOf(join(device, "vbios_version")),
      serial: textOf(join(device, "serial_number")),
      driver: textOf("/sys/module/amdgpu/version"),
      power_limit_min_w: wattsOf(join(hwmon, "power1_cap_min")),
      power_limit_max_w: wattsOf(join(hwmon, "power1_cap_max")),
      power_limit_default_w: wattsOf(join(hwmon, "power1_cap_default")),
    },
  };
}

/** The table of metrics, or why it cannot be read. */
export function readGpuMetrics(device: string): GpuMetrics | SysfsFailure {
  const bytes = readBinary(join(device, "gpu_metrics"));
  return bytes instanceof Uint8Array ? parseGpuMetrics(bytes) : bytes;
}

/** A power in microwatts as watts; null where it cannot be read. */
export function wattsOf(path: string): number | null {
  const microwatts = numberOf(path);
  return microwatts === null ? null : microwatts / 1e6;
}

/** The name of the kernel's driver of a PCI device; null where it has none. */
export function driverOf(device: string): string | null {
  return /^DRIVER=(.+)$/m.exec(textOf(join(device, "uevent")) ?? "")?.[1] ?? null;
}

/** `device` is a link to a folder that is named by the address. */
function addressOf(device: string): string | null {
  try {
    return /[^/]+$/.exec(Deno.realPathSync(device))?.[0] ?? null;
  } catch {
    return null;
  }
}
