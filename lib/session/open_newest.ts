import type { Plan } from "../plan/plan.ts";
import { SaveError } from "../storage/save_error.ts";
import { findStudy } from "../archive/find_study.ts";
import { whileAlone } from "../archive/locks.ts";
import { studyDirectoryIn } from "../storage/messages.ts";
import { noDirectoryOfStudy, startingAfterFinished } from "./messages.ts";
import type { OpenStudy } from "./open_study.ts";
import { resumeStudy } from "./resume_study.ts";
import type { RunRequest } from "./run_request.ts";
import type { SessionContext } from "./session_context.ts";
import { routineNotice } from "./session_event.ts";

/** The newest unfinished directory of a study, or a new one where there is none. */
export async function openNewest(
  request: RunRequest,
  { plan, folder, openNew }: {
    readonly plan: Plan;
    /** Where directories of the study are looked for. */
    readonly folder: string;
    readonly openNew: () => OpenStudy;
  },
  context: SessionContext,
): Promise<OpenStudy> {
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new SaveError(studyDirectoryIn(), folder, error);
  }
  return await whileAlone(folder, async () => {
    const { unfinished, finished } = findStudy(plan, folder, request);
    if (unfinished !== null) return await resumeStudy(request, unfinished, context);
    const study = openNew();
    routineNotice(context.emit)(
      finished === null ? noDirectoryOfStudy(folder) : startingAfterFinished(finished),
    );
    return study;
  });
}
