import { defectLine, defectText, EXIT_DEFECT } from "../base/defect.ts";
import { pause } from "../base/abort.ts";
import { ownVariable } from "../base/own_environment.ts";
import { printable } from "../base/text.ts";
import { LLEM_VERSION } from "../base/version.ts";
import { join } from "node:path";
import { defectFound, resumeAfterSaveError } from "./messages.ts";
import type { Streams } from "./terminal/streams.ts";

/** What a reader gets to take the message. */
const FLUSH_MS = 2000;
/** Clears a line of progress that stands half drawn. */
const CLEAR_LINE = "\r\x1b[K";

let studyDir: string | null = null;

/** From now on a defect is one of this study's session. A process runs one study at most. */
export function defectsAreOf(dir: string): void {
  studyDir = dir;
}

/**
 * Says in one line that llem itself is wrong, and where the details are that a report needs; a user can do nothing with
 * them. With -v or LLEM_DEBUG they are printed as well. Returns the exit code.
 */
export async function tellDefect(error: unknown, args: readonly string[], streams: Streams): Promise<number> {
  const { err, errIsTerminal } = streams;
  const details = detailsOf(error, args);
  const place = writeDetails(details);
  const text = defectFound(printable(defectLine(error)).slice(0, 500), place);
  err.write(`${errIsTerminal ? CLEAR_LINE : ""}llem: ${text}\n`);
  if (studyDir !== null) {
    err.write(`llem: ${printable(resumeAfterSaveError(studyDir))}\n`);
  }
  if (isWanted(args)) err.write(`${details}\n`);
  await Promise.race([Promise.all([streams.out.flush(), err.flush()]), pause(FLUSH_MS)]);
  return EXIT_DEFECT;
}

function isWanted(args: readonly string[]): boolean {
  return (ownVariable("LLEM_DEBUG") ?? "") !== "" || args.includes("-v") || args.includes("--verbose");
}

/** Of the arguments the command alone: the others may hold what nobody else is to read. */
function detailsOf(error: unknown, [command = ""]: readonly string[]): string {
  const { os, arch } = Deno.build;
  return `llem ${LLEM_VERSION} (Deno ${Deno.version.deno}, ${os} ${arch}, kernel ${Deno.osRelease()}), llem ${
    printable(command)
  }\n${new Date().toISOString()}\n\n${defectText(error)}`;
}

/** The path of the file with the details: in the study directory, else where temporary files are; null where neither can be. */
function writeDetails(details: string): string | null {
  const name = `defect-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-${Deno.pid}.txt`;
  const temporary = ownVariable("TMPDIR") || "/tmp";
  for (const path of [...studyDir === null ? [] : [join(studyDir, name)], join(temporary, `llem-${name}`)]) {
    try {
      Deno.writeTextFileSync(path, `${details}\n`, { createNew: true, mode: 0o600 });
      return path;
    } catch {
      // A full disk, say: the next place, or none.
    }
  }
  return null;
}
