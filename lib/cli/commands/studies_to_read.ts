import { newestUnfinished } from "../../archive/find_study.ts";
import { isStudyFolder, studiesIn } from "../../archive/studies_in.ts";
import { isFolder } from "../../base/files.ts";
import { expandHome } from "../../base/expand_home.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { RESULTS_DIR } from "../../session/read_plan.ts";
import { loadUserConfig } from "../../session/user_config.ts";
import type { StudiesRequest } from "../arguments.ts";
import { newestIsTaken, noStudies, studyList } from "../messages.ts";

/** Study directories to look at, and folders of studies that were named in place of one. */
export interface StudiesToRead {
  readonly studies: readonly string[];
  /** What there is in each folder that holds studies and is none itself, for people; empty where there is no such. */
  readonly listing: string;
}

/**
 * The studies that a command is to look at: those named, else the newest of the folder for results, which is then said. Throws CommandError where there is none. `command` is what the user typed, such as `llem show`; `isFolderAsked` whether it has -o for the folder for results.
 */
export function studiesToRead(
  { dirs, output }: Pick<StudiesRequest, "dirs" | "output">,
  command: string,
  say: (line: string) => void,
  isFolderAsked = true,
): StudiesToRead {
  if (dirs.length === 0) {
    const folder = output ?? resultsFolder();
    const [newest, ...older] = studiesIn(folder);
    if (newest === undefined) throw new CommandError(EXIT.usage, noStudies(folder, command, isFolderAsked));
    say(newestIsTaken(newest, folder, 1 + older.length));
    return { studies: [newest], listing: "" };
  }
  const lists: string[] = [];
  const studies = dirs.filter((dir) => {
    const found = isStudyFolder(dir) || !isFolder(dir) ? [] : studiesIn(dir);
    if (found.length > 0) lists.push(studyList(dir, found, command));
    return found.length === 0;
  });
  return { studies, listing: lists.join("\n") };
}

/** The newest study of the folder for results that could be resumed; null where there is none, or that cannot be seen. */
export function newestUnfinishedStudy(output: string | null): string | null {
  try {
    return newestUnfinished(output ?? resultsFolder());
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

/** The folder for results: as the user configuration has it, else the usual one. */
export function resultsFolder(): string {
  const env = Deno.env.toObject();
  return expandHome(loadUserConfig(env).config?.results_dir ?? RESULTS_DIR, env);
}
