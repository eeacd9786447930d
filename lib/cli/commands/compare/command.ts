import { readStudy } from "../../../archive/read_study.ts";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { jsonText, printable } from "../../../base/text.ts";
import { compareText } from "../../../report/compare/compare_text.ts";
import { compareStudies } from "../../../results/compare/compare.ts";
import type { Streams } from "../../terminal/streams.ts";
import { studiesToRead } from "../studies_to_read.ts";
import type { CompareCommand } from "./options.ts";

/** `llem compare`. */
export function compareCommand(command: CompareCommand, streams: Streams): number {
  const { studies } = studiesToRead(command, "llem compare", (line) => {
    streams.err.write(`llem: ${printable(line)}\n`);
  });
  const [first, ...others] = studies.map(readStudy);
  if (first === undefined) throw new CommandError(EXIT.usage, "no study");
  const comparison = compareStudies([first, ...others]);
  streams.out.write(command.json ? `${jsonText(comparison)}\n` : compareText(comparison));
  return EXIT.ok;
}
