import { join } from "node:path";
import { readStudy } from "../../archive/read_study.ts";
import type { SessionContext } from "../../session/session_context.ts";
import { writeOutput } from "../../storage/write_output.ts";
import { reportNotWritten } from "../messages.ts";

/**
 * The page of a study that a run ends with, the same as that of `llem report`, in `file` or, where that is null, in the study
 * directory. Returns where it is; null where it could not be written, which is told and no more: the results are on disk, and
 * `llem report` makes it again.
 */
export async function reportOfRun(
  dir: string,
  file: string | null,
  emit: SessionContext["emit"],
): Promise<string | null> {
  const path = file ?? join(dir, "report.html");
  try {
    // What draws a page is loaded only by those who want one.
    const { makeReport } = await import("../../session/make_report.ts");
    writeOutput(path, new TextEncoder().encode(await makeReport([readStudy(dir)])));
    return path;
  } catch (error) {
    emit({ type: "notice", level: "important", text: reportNotWritten(dir, (error as Error).message) });
    return null;
  }
}
