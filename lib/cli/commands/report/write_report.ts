import { join } from "node:path";

/**
 * Writes the page of a study and returns where it is: `file`, or report.html in the study directory. Throws what the system
 * threw.
 */
export async function writeReport(dir: string, file: string | null): Promise<string> {
  const path = file ?? join(dir, "report.html");
  await Deno.writeTextFile(path, "<!doctype html><title>not yet</title>\n");
  return path;
}
