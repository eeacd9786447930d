/** How long a study with `execution.until` may go on can change while it does: what its runs measure stays the same. */
import { changePlan } from "../../archive/change_plan.ts";
import type { StudyFolder } from "../../archive/study_folder.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Plan } from "../../plan/plan.ts";
import { realDisk } from "../../storage/disk.ts";
import type { Execution } from "../../study/execution.ts";
import { cyclesAreFixed, limitsTaken, mostTooFew } from "./messages.ts";

/** The limits that a resume takes; what is left out stays. */
export type CycleLimits = Partial<Pick<Execution, "max_cycles" | "time_budget_seconds">>;

/** The study with other limits, as the study file or the command line gives them. Throws CommandError. */
export function limitedTo(folder: StudyFolder, limits: CycleLimits): StudyFolder {
  const { until, min_cycles } = folder.plan.execution;
  const { max_cycles } = limits;
  const isGiven = max_cycles !== undefined || limits.time_budget_seconds !== undefined;
  if (until === null) {
    if (isGiven) throw new CommandError(EXIT.usage, cyclesAreFixed(folder.dir));
    return folder;
  }
  if (max_cycles !== undefined && max_cycles <= min_cycles) {
    throw new CommandError(EXIT.usage, mostTooFew(max_cycles, min_cycles));
  }
  const limited = (plan: Plan): Plan => ({ ...plan, execution: { ...plan.execution, ...limits } });
  return { ...folder, plan: limited(folder.plan), original_plan: limited(folder.original_plan) };
}

/** Writes the limits down where they are not those that the study had. Throws SaveError. */
export function takeLimits(stored: StudyFolder, { execution }: Plan, say: (line: string) => void): void {
  const { max_cycles, time_budget_seconds } = execution;
  const was = stored.plan.execution;
  if (was.until === null) return;
  if (was.max_cycles === max_cycles && was.time_budget_seconds === time_budget_seconds) return;
  changePlan(realDisk, stored.dir, (plan) => ({
    ...plan,
    execution: { ...plan["execution"] as JsonObject, max_cycles, time_budget_seconds },
  }));
  say(limitsTaken(max_cycles, time_budget_seconds));
}
