import { join } from "node:path";
import { sha256Hex } from "../base/canonical_json.ts";
import { readRegularFile } from "../base/files.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { executionDifferences, isNamedAlike, planDifferences } from "../plan/plan_differences.ts";
import type { Plan } from "../plan/plan.ts";
import type { Slo } from "../study/slo_schema.ts";
import type { StudyFolder } from "../archive/study_folder.ts";
import {
  nameDiffers,
  otherStudy,
  settingsKept,
  studyFileChanged,
  studyFileHasErrors,
  studyFileUnreadable,
} from "./messages.ts";
import { readPlan } from "./read_plan.ts";
import type { CycleLimits } from "./until/cycle_limits.ts";
import type { StudyRequest } from "./run_request.ts";
import { type EmitSession, routineNotice } from "./session_event.ts";

/** What may have changed in a study that is gone on with. */
interface Changed {
  readonly slo: Slo | null;
  readonly limits: CycleLimits;
}

/**
 * A resume makes exactly the runs of the plan; what has changed since is named, not guessed at. Gives what results are to be
 * judged by and how long cycles are repeated, which may have changed. Throws CommandError.
 */
export function refuseChangedStudy(
  request: StudyRequest,
  folder: StudyFolder,
  emit: EmitSession,
): Changed {
  const { dir, original_plan: plan, study_sha256 } = folder;
  const stored = join(dir, "study.yaml");
  if (hashOf(stored) !== study_sha256) {
    throw new CommandError(EXIT.usage, studyFileChanged(stored));
  }
  if (request.file === null) return { slo: plan.slo, limits: request.limits ?? {} };
  const reading = readPlan(request);
  if (reading.plan === null) {
    emit({ type: "invalid", issues: reading.issues });
    throw new CommandError(EXIT.usage, studyFileHasErrors(request.file, dir));
  }
  const differences = [...nameDifference(plan, reading.plan), ...planDifferences(plan, reading.plan)];
  if (differences.length > 0) {
    throw new CommandError(EXIT.usage, otherStudy(request.file, dir, differences));
  }
  const settings = executionDifferences(plan, reading.plan);
  if (settings.length > 0) routineNotice(emit)(settingsKept(settings));
  const { slo, execution: { until, max_cycles, time_budget_seconds } } = reading.plan;
  return { slo, limits: until === null ? {} : { max_cycles, time_budget_seconds } };
}

/** Throws CommandError where it cannot be read. */
function hashOf(path: string): string {
  try {
    return sha256Hex(readRegularFile(path));
  } catch (error) {
    throw new CommandError(EXIT.usage, studyFileUnreadable(path, (error as Error).message));
  }
}

/** Studies of other names are other studies, whatever they run. */
function nameDifference(before: Plan, now: Plan): string[] {
  return isNamedAlike(before, now) ? [] : [nameDiffers(before.name, now.name)];
}
