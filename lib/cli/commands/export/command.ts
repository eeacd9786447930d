import { attemptSource } from "../../../archive/attempt_source.ts";
import { isStudyFolder, studiesIn } from "../../../archive/studies_in.ts";
import { isFolder } from "../../../base/files.ts";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { printable } from "../../../base/text.ts";
import { exportOf, hasTables } from "../../../report/export/formats.ts";
import { TABLE_NAMES } from "../../../report/export/names.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import type { Streams } from "../../terminal/streams.ts";
import { stdoutFailed } from "../../messages.ts";
import { readStudies } from "../read_studies.ts";
import {
  detailsMissing,
  exported,
  noStudiesIn,
  noTables,
  nothingCompleted,
  olderLeftOut,
  severalFiles,
  unfinishedStudy,
  unreadable,
} from "./messages.ts";
import type { ExportCommand } from "./options.ts";
import { piecesOf, writeExport } from "./write_export.ts";

/** `llem export`. */
export async function exportCommand(command: ExportCommand, streams: Streams): Promise<number> {
  const say = (line: string): void => streams.err.write(`llem: ${printable(line)}\n`);
  const { format, path } = command;
  if (command.tables.length > 0 && !hasTables(format)) throw new CommandError(EXIT.usage, noTables(format));
  const studies = readStudies({ dirs: studyDirs(command.dirs), output: null }, "llem export", streams);
  tellStandings(studies, say);
  const gone = new Set<string>();
  const source = attemptSource(studies, ({ path, lines, isMissing }) => {
    if (isMissing === true) gone.add(path);
    else say(unreadable(path, lines));
  });
  const made = exportOf(source, format, command.tables.length === 0 ? TABLE_NAMES : command.tables);
  const [older] = made.leftOut;
  if (older !== undefined) {
    say(olderLeftOut(older.dir, older.name ?? older.id, made.leftOut.length - 1));
  }
  if (path !== "-") {
    const files = await writeExport(made, format, path);
    tellGone(gone, say);
    say(exported(studies.length - made.leftOut.length, path, files));
    return EXIT.ok;
  }
  if (made.kind === "folder") throw new CommandError(EXIT.usage, severalFiles(format, hasTables(format)));
  await streams.out.flush();
  await writeAll(piecesOf(made.files));
  tellGone(gone, say);
  return EXIT.ok;
}

/** Named studies, and all studies of a named folder that is none itself, oldest first. */
function studyDirs(dirs: readonly string[]): readonly string[] {
  return dirs.flatMap((dir) => {
    if (isStudyFolder(dir) || !isFolder(dir)) return [dir];
    const inside = studiesIn(dir);
    if (inside.length === 0) throw new CommandError(EXIT.usage, noStudiesIn(dir));
    return inside.toReversed();
  });
}

function tellStandings(studies: readonly StudyTable[], say: (line: string) => void): void {
  const completedOf = ({ runs }: StudyTable): number =>
    runs.filter(({ standing }) => standing === "completed").length;
  for (const study of studies) {
    const completed = completedOf(study);
    if (completed < study.runs.length) {
      say(unfinishedStudy(study.dir, study.status, completed, study.runs.length));
    }
  }
  if (studies.every((study) => completedOf(study) === 0)) say(nothingCompleted());
}

/** Of thousands of files the first one. */
function tellGone(gone: ReadonlySet<string>, say: (line: string) => void): void {
  const [first] = gone;
  if (first !== undefined) say(detailsMissing(first, gone.size - 1));
}

/** Straight to stdout, each piece when the one before is through: an export may be larger than memory. */
async function writeAll(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const piece of pieces) {
      for (let at = 0; at < piece.length;) at += await Deno.stdout.write(piece.subarray(at));
    }
  } catch (error) {
    // Who closes a pipe wants no more.
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw new CommandError(EXIT.notSaved, stdoutFailed((error as Error).message));
  }
}
