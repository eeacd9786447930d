import type { Run } from "../experiment/run.ts";
import { groupOf } from "../plan/give_up.ts";
import type { Study } from "./lifetimes.ts";
import { givingUp } from "./messages.ts";

/** Says what is not going to be made; those runs stay pending, so that a resume makes them. */
export function tellGivenUp(run: Run, way: string, { plan, emit }: Study, rest: readonly Run[]): void {
  const group = groupOf(run);
  const left = rest.filter((other) => groupOf(other) === group).length;
  if (left === 0) return;
  const after = plan.execution.give_up_after;
  emit({ type: "warning", code: "gave_up", text: givingUp({ group, after, way, left }) });
}
