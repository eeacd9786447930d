import { formatIssue } from "../../lib/base/issue.ts";
import { makePlan } from "../../lib/plan/make_plan.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import { readStudy } from "../../lib/study/read_study.ts";
import type { Override, StudySource } from "../../lib/study/study.ts";

/** What a study file comes to, as a person reads it. */
export interface Told {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly plan: Plan | null;
}

/** Reads and plans a study text; `files` stand beside it. */
export function tell(
  text: string | Uint8Array,
  overrides: readonly Override[] = [],
  files: Readonly<Record<string, string>> = {},
): Told {
  const readFile: StudySource["readFile"] = (path) => files[path] ?? { trouble: "the file does not exist" };
  const reading = readStudy({ file: "study.yaml", text, readFile }, overrides);
  const planning = reading.study === null
    ? null
    : makePlan(reading.study, { gaps: { experiment_s: 0, cycle_s: 0 } });
  return {
    errors: [...reading.issues, ...planning?.issues ?? []].map(formatIssue),
    warnings: [...reading.warnings, ...planning?.warnings ?? []].map(formatIssue),
    plan: planning?.plan ?? null,
  };
}

/** The plan of a text that must be right. */
export function planOf(
  text: string,
  overrides: readonly Override[] = [],
  files: Readonly<Record<string, string>> = {},
): Plan {
  const { plan, errors } = tell(text, overrides, files);
  if (plan === null) throw new Error(`No plan: ${errors.join("; ")}`);
  return plan;
}
