import type { SessionContext } from "../../session/session_context.ts";
import { reportNotWritten } from "../messages.ts";

/**
 * The page of a study that a run ends with. Returns where it is; null where it could not be written, which is told and no more:
 * the results are on disk, and `llem report` makes it again.
 */
export async function reportOfRun(
  dir: string,
  file: string | null,
  emit: SessionContext["emit"],
): Promise<string | null> {
  try {
    // What draws a page is loaded only by those who want one.
    const { writeReport } = await import("./report/write_report.ts");
    return await writeReport(dir, file);
  } catch (error) {
    emit({ type: "notice", level: "important", text: reportNotWritten(dir, (error as Error).message) });
    return null;
  }
}
