import { readStudy } from "../../archive/read_study.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { printable } from "../../base/text.ts";
import { missingResultLines } from "../../report/studies/missing_results.ts";
import type { StudyTable } from "../../results/study_table.ts";
import type { StudiesRequest } from "../arguments.ts";
import { folderNotStudy, namedTwice } from "../messages.ts";
import type { Streams } from "../terminal/streams.ts";
import { studiesToRead } from "./studies_to_read.ts";

/**
 * The studies that a command needs whole: those named, else the newest of the folder for results. stderr hears which that is,
 * and of every completed run without a result. Throws CommandError where one cannot be read, is named twice, or is a folder
 * of several. `command` is what the user typed, such as `llem compare`.
 */
export function readStudies(
  request: Pick<StudiesRequest, "dirs" | "output">,
  command: string,
  { err }: Streams,
): readonly [StudyTable, ...StudyTable[]] {
  const say = (line: string): void => err.write(`llem: ${printable(line)}\n`);
  const { studies, listing } = studiesToRead(request, command, say, false);
  if (listing !== "") throw new CommandError(EXIT.usage, folderNotStudy(listing));
  refuseTwice(studies);
  const [first, ...others] = studies.map(readStudy);
  if (first === undefined) throw new RangeError("no study is named, and none was looked for");
  for (const table of [first, ...others]) for (const line of missingResultLines(table)) say(line);
  return [first, ...others];
}

/** Throws CommandError where two of the paths are one directory. One that is not there is left to its reader. */
function refuseTwice(dirs: readonly string[]): void {
  const known = new Map<string, string>();
  for (const dir of dirs) {
    const real = realPath(dir);
    const before = known.get(real);
    if (before !== undefined) throw new CommandError(EXIT.usage, namedTwice(before, dir));
    known.set(real, dir);
  }
}

function realPath(dir: string): string {
  try {
    return Deno.realPathSync(dir);
  } catch {
    return dir;
  }
}
