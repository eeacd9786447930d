import { foldJournal } from "../../journal/fold.ts";
import type { RunFinished } from "../../journal/event.ts";
import { failedRow, failedText } from "../../report/failed_runs.ts";
import { runNamer } from "../../report/run_name.ts";
import { tableSpace } from "../terminal/table_space.ts";
import { summaryTable } from "../../report/summary_table.ts";
import { jsonText, printableLines } from "../../base/text.ts";
import { summaryCsv } from "../../results/summary_csv.ts";
import { distinctConfigs } from "../../results/varied.ts";
import { realDisk } from "../../storage/disk.ts";
import type { Command } from "../arguments.ts";
import { EXIT } from "../../base/refusal.ts";
import { failedRuns } from "../../archive/failed_runs.ts";
import { findRunner } from "../../archive/runner_presence.ts";
import type { Streams } from "../terminal/streams.ts";
import { openStudyFolder, type StudyFolder } from "../../archive/study_folder.ts";
import { SummaryBuilder } from "../../archive/summary_builder.ts";

/** `llem show`: the results so far, from the records themselves; works while the study runs. */
export function showCommand(command: Command & { kind: "show" }, streams: Streams): number {
  const folder = openStudyFolder(command.dir);
  if (command.failed) return showFailed(folder, command.format === "json", streams);
  const { dir, plan, events } = folder;
  const builder = new SummaryBuilder(realDisk, dir, plan, foldJournal(events));
  const summary = builder.summary();
  tellMissing(dir, builder.missing, streams);
  switch (command.format) {
    case "table":
      streams.out.write(summaryTable(summary, tableSpace(streams)));
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

/** `llem show --failed`: what did not complete, why and what to try. */
function showFailed(folder: StudyFolder, json: boolean, streams: Streams): number {
  const { dir, plan } = folder;
  // Where the runner cannot be seen from this machine, a run that is under way is taken for one.
  const runs = failedRuns(folder, findRunner(dir).alive !== false, Deno.env.toObject());
  const name = runNamer(distinctConfigs(plan.runs), plan.n_cycles);
  streams.out.write(
    json ? `${jsonText(runs.map(failedRow))}\n` : failedText(runs, plan.runs.length, name),
  );
  if (runs.length === 0) streams.err.write(`llem: no run of ${dir} has failed.\n`);
  return EXIT.ok;
}

const MOST_NAMED = 10;

/** Who reads a mean must know of the runs that are not in it although they had completed. */
function tellMissing(dir: string, missing: readonly RunFinished[], { err }: Streams): void {
  if (missing.length === 0) return;
  const named = missing.slice(0, MOST_NAMED).map(({ index, result_file }) =>
    `llem: run ${index} is not counted: its result ${dir}/${result_file} is gone or damaged.\n`
  );
  const more = missing.length - named.length;
  err.write(named.join("") + (more > 0 ? `llem: and ${more} more.\n` : ""));
  err.write(`llem: llem run --resume ${dir} makes ${missing.length === 1 ? "it" : "them"} again.\n`);
}
