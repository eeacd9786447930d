import { join, resolve } from "node:path";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { printable } from "../../../base/text.ts";
import { USUAL_OPTIONS } from "../../../results/compare/compare.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import { makeReport, reportName } from "../../../session/make_report.ts";
import type { Streams } from "../../terminal/streams.ts";
import { oneStudyOnly } from "../compare/messages.ts";
import { readStudies } from "../read_studies.ts";
import { pageWritten } from "../../messages.ts";
import { notOpened, openNeedsFile } from "./messages.ts";
import { openPage } from "./open_page.ts";
import type { ReportCommand } from "./options.ts";
import { checkPageName, savePage, STDOUT } from "../output_file.ts";

/** `llem report`: writes the page and says where. */
export async function reportCommand(command: ReportCommand, streams: Streams): Promise<number> {
  const { file, baseline, traces } = command;
  const say = (line: string): void => streams.err.write(`llem: ${printable(line)}\n`);
  if (file === STDOUT && command.open) throw new CommandError(EXIT.usage, openNeedsFile());
  if (file !== null && file !== STDOUT) checkPageName(file);
  const tables = readStudies({ dirs: command.dirs, output: null }, "llem report", streams);
  if (baseline !== null && tables.length > 1) {
    throw new CommandError(EXIT.usage, oneStudyOnly("--baseline"));
  }
  const compare = baseline === null ? USUAL_OPTIONS : { ...USUAL_OPTIONS, baseline };
  const page = await makeReport(tables, { compare, traces });
  if (file === STDOUT) {
    streams.out.write(page);
    return EXIT.ok;
  }
  const bytes = new TextEncoder().encode(page);
  const path = savePage(bytes, file === null ? usualPlaces(tables) : [file]);
  streams.out.write(`${printable(pageWritten(path, bytes.length))}\n`);
  const trouble = command.open ? openPage(resolve(path)) : null;
  if (trouble !== null) say(notOpened(trouble));
  return EXIT.ok;
}

/** In the study directory, else, where that is another user's or there are several, beside the reader. */
function usualPlaces(tables: readonly [StudyTable, ...StudyTable[]]): [string, ...string[]] {
  const name = reportName(tables);
  return tables.length > 1 ? [name] : [join(tables[0].dir, "report.html"), name];
}
