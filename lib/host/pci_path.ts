import { join } from "node:path";

/**
 * The way from the root of the PCI tree to a device, one address for each bridge, such as `pci0000:00`, `0000:00:01.0`,
 * `0000:01:00.0`; null where the kernel does not tell.
 */
export function readPciPath(bus: string, root = "/sys/bus/pci/devices"): string[] | null {
  try {
    const path = Deno.realPathSync(join(root, bus)).split("/");
    const first = path.findIndex((part) => /^pci[0-9a-f]{4}:/i.test(part));
    return first < 0 ? null : path.slice(first);
  } catch {
    return null;
  }
}
