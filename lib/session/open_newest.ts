import type { Plan } from "../plan/plan.ts";
import type { StopSwitch } from "../process/stop.ts";
import { SaveError } from "../storage/save_error.ts";
import { findStudy } from "../archive/find_study.ts";
import { whileAlone } from "../archive/locks.ts";
import type { OpenStudy, RunArguments } from "./open_study.ts";
import { resumeStudy } from "./resume_study.ts";
import type { Streams } from "../cli/terminal/streams.ts";

/** The newest unfinished directory of a study, or a new one where there is none. */
export async function openNewest(
  command: RunArguments,
  { plan, folder, openNew, streams, stop, say }: {
    readonly plan: Plan;
    readonly folder: string;
    readonly openNew: () => OpenStudy;
    readonly streams: Streams;
    readonly stop: StopSwitch;
    readonly say: (line: string) => void;
  },
): Promise<OpenStudy> {
  try {
    Deno.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new SaveError("the study directory in", folder, error);
  }
  return await whileAlone(folder, async () => {
    const { unfinished, finished } = findStudy(plan, folder, command);
    if (unfinished !== null) return await resumeStudy(command, unfinished, { streams, stop });
    const study = openNew();
    say(
      finished === null
        ? `no directory of this study is in ${folder}; starting a new one.`
        : `nothing is left to do in ${finished}; starting a new study.`,
    );
    return study;
  });
}
