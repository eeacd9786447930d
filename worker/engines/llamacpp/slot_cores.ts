import { ownVariable } from "../../../lib/base/own_environment.ts";

/** Cores of the slot of a run that others are made beside; null where it has the machine to itself. */
export function slotCores(told = ownVariable("LLEM_SLOT_CORES")): number | null {
  const cores = Number(told ?? NaN);
  return cores >= 1 ? cores : null;
}
