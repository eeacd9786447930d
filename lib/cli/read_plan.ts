import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Issue } from "../base/issue.ts";
import { makePlan } from "../plan/make_plan.ts";
import type { Plan } from "../plan/plan.ts";
import { hasGpu } from "../host/environment.ts";
import { readStudy, studyFromFlags } from "../study/read_study.ts";
import type { FileTrouble, StudyReading } from "../study/study.ts";
import type { StudyArguments } from "./arguments.ts";

/** Gaps where neither the study nor the user says any, in seconds (llenergymeasure's defaults). */
const GPU_GAPS = { experiment_s: 60, cycle_s: 300 };
const NO_GAPS = { experiment_s: 0, cycle_s: 0 };

/** What the study arguments came to. */
export interface PlanReading {
  /** Null exactly when there are issues. */
  readonly plan: Plan | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
  /** The study file as it was given; for a study from flags, those as JSON. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** Absolute folder in which the study's relative paths start. */
  readonly base_dir: string;
}

/** Opens the study file and takes it all the way to a plan. Mistakes come back as issues. */
export function readPlan({ file, overrides }: StudyArguments): PlanReading {
  if (file === null) {
    const flags = Object.fromEntries(
      overrides.map(({ path, ...rest }) => [path, "text" in rest ? rest.text : rest.value]),
    );
    const text = new TextEncoder().encode(`${JSON.stringify(flags, null, 2)}\n`);
    return { ...toPlan(studyFromFlags(overrides)), text, base_dir: Deno.cwd() };
  }
  const base_dir = dirname(resolve(file));
  const bytes = readFile(file);
  if ("trouble" in bytes) {
    const issue = { file, line: null, column: null, path: "", message: bytes.trouble, hint: null };
    return { plan: null, issues: [issue], warnings: [], text: new Uint8Array(), base_dir };
  }
  const source = {
    file,
    text: bytes,
    readFile: (path: string) => readFile(isAbsolute(path) ? path : join(base_dir, path)),
  };
  return { ...toPlan(readStudy(source, overrides)), text: bytes, base_dir };
}

function toPlan(reading: StudyReading): Pick<PlanReading, "plan" | "issues" | "warnings"> {
  const { study, issues, warnings } = reading;
  if (study === null) return { plan: null, issues, warnings };
  const planning = makePlan(study, { gaps: hasGpu() ? GPU_GAPS : NO_GAPS });
  return { plan: planning.plan, issues: planning.issues, warnings: [...warnings, ...planning.warnings] };
}

function readFile(path: string): Uint8Array<ArrayBuffer> | FileTrouble {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    return { trouble: readTrouble(error) };
  }
}

function readTrouble(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "the file does not exist; check the path";
  if (error instanceof Deno.errors.PermissionDenied) return "the file may not be read; check its permissions";
  if (error instanceof Deno.errors.IsADirectory) return "this is a folder; name the study file in it";
  return `the file cannot be read: ${(error as Error).message}`;
}
