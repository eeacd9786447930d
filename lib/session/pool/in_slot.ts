import type { Emit } from "../../journal/runner_event.ts";

/** Tells of waits where they are: in that slot of a pool; null where there is none. */
export function inSlot(emit: Emit, slot: number | null): Emit {
  if (slot === null) return emit;
  return (event) => emit(event.type === "waiting" ? { ...event, slot } : event);
}
