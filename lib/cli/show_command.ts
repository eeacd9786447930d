import { foldJournal } from "../journal/fold.ts";
import { summaryTable } from "../report/summary_table.ts";
import { jsonText, printableLines } from "../report/text.ts";
import { summaryCsv } from "../results/summary.ts";
import { realDisk } from "../storage/disk.ts";
import type { Command } from "./arguments.ts";
import { EXIT } from "./exit_code.ts";
import type { Streams } from "./streams.ts";
import { openStudyFolder } from "./study_folder.ts";
import { SummaryKeeper } from "./summary_keeper.ts";

/** `llem show`: the results so far, from the records themselves; works while the study runs. */
export function showCommand(command: Command & { kind: "show" }, streams: Streams): number {
  const { dir, plan, journal } = openStudyFolder(command.dir);
  const summary = new SummaryKeeper(realDisk, dir, plan, foldJournal(journal.events)).summary();
  switch (command.format) {
    case "table":
      streams.out.write(summaryTable(summary));
      break;
    case "csv":
      // A file gets every byte as it is.
      streams.out.write(
        streams.outIsTerminal ? printableLines(summaryCsv(summary)) : summaryCsv(summary),
      );
      break;
    case "json":
      streams.out.write(`${jsonText(summary.rows)}\n`);
      break;
  }
  return EXIT.ok;
}
