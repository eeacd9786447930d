import { type ContainmentMethod, openContainment } from "../process/containment.ts";
import type { Plan } from "../plan/plan.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { containmentUnavailable } from "./messages.ts";

/** Opens the containment of a study. Throws CommandError where what it asks for does not work here. */
export async function contain(wanted: Plan["execution"]["containment"]): Promise<ContainmentMethod> {
  try {
    return await openContainment(wanted);
  } catch (error) {
    const reason = (error as Error).message.replace(/[.\s]*$/, "");
    throw new CommandError(EXIT.preflight, containmentUnavailable(`${wanted}`, reason));
  }
}
