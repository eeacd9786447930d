import { CommandError, EXIT } from "../../../base/refusal.ts";
import { jsonText, printable, printableLines } from "../../../base/text.ts";
import { compareCsv } from "../../../report/compare/compare_csv.ts";
import { compareMarkdown } from "../../../report/compare/compare_markdown.ts";
import { compareText } from "../../../report/compare/compare_text.ts";
import { nullText } from "../../../report/compare/null_text.ts";
import { ALLOWABLE } from "../../../results/circumstances.ts";
import { compareStudies } from "../../../results/compare/compare.ts";
import { isSameName } from "../../../results/compare/guard.ts";
import { nullAlarms } from "../../../results/compare/null_alarms.ts";
import type { CompareOptions, StudyComparison } from "../../../results/compare/study_comparison.ts";
import type { Streams } from "../../terminal/streams.ts";
import { readStudies } from "../read_studies.ts";
import { pageWritten } from "../../messages.ts";
import { checkOutputName, checkPageName, savePage, saveText, STDOUT } from "../output_file.ts";
import { compareExitCode } from "./exit_code.ts";
import { readMargins } from "./margins_file.ts";
import { nothingToAllow, oneStudyOnly, severalStudiesOnly } from "./messages.ts";
import type { CompareCommand } from "./options.ts";

/** `llem compare`. */
export async function compareCommand(command: CompareCommand, streams: Streams): Promise<number> {
  if (command.page !== null) checkPageName(command.page);
  if (command.file !== null) checkOutputName(command.file, "comparison.txt");
  const options = { ...command.options, margins: marginsOf(command) };
  checkNames(options);
  const tables = readStudies({ dirs: command.dirs, output: null }, "llem compare", streams);
  checkDesign(options, tables.length);
  if (command.is_null) {
    const found = nullAlarms(tables, options);
    const text = command.format === "json" ? `${jsonText(found)}\n` : printableLines(nullText(found));
    give(text, command, streams);
    return found.comparisons === 0 ? EXIT.notComparable : EXIT.ok;
  }
  const comparison = compareStudies(tables, options);
  const width = command.file === null && streams.outIsTerminal ? streams.width() : null;
  give(textOf(comparison, command.format, width), command, streams);
  if (command.page !== null) {
    const { makeReport } = await import("../../../session/make_report.ts");
    const bytes = new TextEncoder().encode(await makeReport(tables, { comparison }));
    const path = savePage(bytes, [command.page]);
    streams.err.write(`llem: ${printable(pageWritten(path, bytes.length))}\n`);
  }
  return compareExitCode(comparison, command);
}

function textOf(
  comparison: StudyComparison,
  format: CompareCommand["format"],
  width: number | null,
): string {
  switch (format) {
    case "json":
      return `${jsonText(comparison)}\n`;
    case "md":
      return compareMarkdown(comparison);
    case "csv":
      return compareCsv(comparison);
    case "text":
      return printableLines(compareText(comparison, width));
  }
}

function marginsOf({ margins_file, options }: CompareCommand): CompareOptions["margins"] {
  return margins_file === null ? options.margins : { ...readMargins(margins_file), ...options.margins };
}

function checkNames({ allow }: CompareOptions): void {
  const unknown = allow.find((name) => !ALLOWABLE.some((known) => isSameName(name, known)));
  if (unknown !== undefined) throw new CommandError(EXIT.usage, nothingToAllow(unknown, ALLOWABLE));
}

function checkDesign({ by, baseline, match }: CompareOptions, studies: number): void {
  const refused = studies === 1
    ? match.length > 0 ? severalStudiesOnly("--match") : null
    : by !== null
    ? oneStudyOnly("--by")
    : baseline !== null
    ? oneStudyOnly("--baseline")
    : null;
  if (refused !== null) throw new CommandError(EXIT.usage, refused);
}

/** To stdout, or into the file that was named. */
function give(text: string, { file }: CompareCommand, streams: Streams): void {
  if (file !== null && file !== STDOUT) saveText(text, file);
  else streams.out.write(streams.outIsTerminal ? printableLines(text) : text);
}
