import type { Stretch } from "../../meter/stretch.ts";
import { type Phase, unionWindows } from "../phases.ts";

/** The union of the closed windows of a phase as the meter counts time: exact to a few nanoseconds. */
export function stretchesOf(phases: readonly Phase[], name: string): Stretch[] {
  return unionWindows(phases, name)
    .map(({ begin_ns, end_ns }) => ({ begin_ns: Number(begin_ns), end_ns: Number(end_ns) }))
    .filter(({ begin_ns, end_ns }) => end_ns > begin_ns);
}
