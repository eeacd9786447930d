import { join } from "node:path";
import { zoneNameless } from "./messages.ts";
import type { UnreadPart } from "../meter.ts";
import { namesIn, numberOf, textOf } from "../sysfs.ts";

/** A zone of powercap that counts the energy of a CPU package or of the memory of a socket. */
export interface RaplZone {
  readonly path: string;
  /** As the kernel calls it: `package-0`, `package-0-die-1`, `dram`. */
  readonly name: string;
  /** The same, but for memory with its package's number: `dram-0`. */
  readonly uuid: string;
  readonly kind: "cpu" | "dram";
  /** Where the counter begins anew, in microjoules; null where the kernel does not tell. */
  readonly range_uj: number | null;
}

/**
 * Folders of zones below a powercap tree, packages before their parts. Intel's and AMD's go by the same name; a zone of
 * `intel-rapl-mmio` shows a package's counter once more and is left out.
 */
export function zoneFolders(root: string): string[] {
  const found = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const name of namesIn(folder)) {
      if (!/^intel-rapl(:\d+)*$/.test(name)) continue;
      const path = join(folder, name);
      // sysfs shows a part twice, beside its package and within.
      if (name !== "intel-rapl" && !found.has(name)) found.set(name, path);
      walk(path);
    }
  };
  walk(root);
  return [...found].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true })).map(([, path]) => path);
}

/**
 * The zones that make up the total: packages, which hold cores and uncore, and memory, which they do not hold. A zone
 * `psys` would count both once more.
 */
export function raplZones(root: string): RaplZone[] {
  const packages = new Map<string, string>();
  const zones = zoneFolders(root).map((path): RaplZone | null => {
    const name = textOf(join(path, "name"));
    const key = keyOf(path);
    if (name === null) return null;
    const range_uj = numberOf(join(path, "max_energy_range_uj"));
    if (/^package-/.test(name)) {
      packages.set(key, name);
      return { path, name, uuid: name, kind: "cpu", range_uj };
    }
    if (name !== "dram") return null;
    const parent = packages.get(key.slice(0, key.lastIndexOf(":"))) ?? `package-${key.split(":")[1]}`;
    return { path, name, uuid: parent.replace("package", "dram"), kind: "dram", range_uj };
  });
  return zones.filter((zone) => zone !== null);
}

/** Zones that count what is counted already, by name: cores, uncore and platform. */
export function leftOut(root: string): string[] {
  return zoneFolders(root).map((path) => textOf(join(path, "name"))).filter((name) => name !== null)
    .filter((name) => name !== "dram" && !name.startsWith("package-"));
}

/** Top zones that tell no name: each may be a package. What lies below a package is within it, or memory that goes by its name. */
export function namelessParts(root: string): UnreadPart[] {
  return zoneFolders(root).filter((path) => /^intel-rapl:\d+$/.test(keyOf(path)))
    .filter((path) => textOf(join(path, "name")) === null)
    .map((path) => ({ uuid: keyOf(path), kind: "cpu", meter: "rapl", reason: zoneNameless(path) }));
}

function keyOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
