import type { MigDevice } from "../meter/meter.ts";

/** The uuid of the board of a slice (MIG), as the driver tells or else its name, as that of older drivers does; null where neither does. */
export function boardOfSlice(name: string, mig_devices: readonly MigDevice[]): string | null {
  const told = mig_devices.find((device) => device.name === name)?.board ?? null;
  return told ?? /^MIG-(GPU-[0-9a-f-]+)/i.exec(name)?.[1] ?? null;
}
