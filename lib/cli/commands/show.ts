import { failedRow, failedText } from "../../report/failed_runs.ts";
import { runNamer } from "../../report/run_name.ts";
import { tableSpace } from "../terminal/table_space.ts";
import { summaryTable } from "../../report/summary/summary_table.ts";
import { jsonText, printable, printableLines } from "../../base/text.ts";
import { summaryCsvPieces } from "../../results/summary_csv.ts";
import { comparedConfigs } from "../../plan/search.ts";
import type { Command } from "../arguments.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { failedRuns } from "../../archive/failed_runs.ts";
import { findRunner } from "../../archive/runner_presence.ts";
import { noFailedRun, tableNeedsOneStudy } from "../messages.ts";
import { studiesToRead } from "./studies_to_read.ts";
import type { Streams } from "../terminal/streams.ts";
import { openStudy } from "../../archive/open_study.ts";
import { readStudy } from "../../archive/read_study.ts";
import { missingResultLines } from "../../report/studies/missing_results.ts";

type ShowCommand = Command & { kind: "show" };

/** `llem show`: the results so far, from the records themselves; works while the study runs. */
export function showCommand(command: ShowCommand, streams: Streams): number {
  const { studies, listing } = studiesToRead(command, "llem show", (line) => {
    streams.err.write(`llem: ${printable(line)}\n`);
  });
  if (command.format === "csv" && studies.length > 1) {
    throw new CommandError(EXIT.usage, tableNeedsOneStudy());
  }
  const isForPeople = command.format === "table";
  (isForPeople ? streams.out : streams.err).write(printableLines(listing));
  const rows: object[] = [];
  for (const [index, dir] of studies.entries()) {
    if (isForPeople && studies.length > 1) {
      streams.out.write(`${index === 0 ? "" : "\n"}${printable(dir)}:\n`);
    }
    const own = command.failed ? showFailed(dir, command, streams) : showResults(dir, command, streams);
    for (const row of own) rows.push(studies.length > 1 ? { study_dir: dir, ...row } : row);
  }
  if (studies.length === 0) return isForPeople ? EXIT.ok : EXIT.usage;
  if (command.format === "json") streams.out.write(`${jsonText(rows)}\n`);
  return EXIT.ok;
}

/** Prints a study's results for people or as CSV; with --json they come back as rows. */
function showResults(study: string, { format }: ShowCommand, streams: Streams): readonly object[] {
  const table = readStudy(study);
  const { dir, summary } = table;
  for (const line of missingResultLines(table)) streams.err.write(`llem: ${printable(line)}\n`);
  switch (format) {
    case "table":
      streams.out.write(summaryTable(summary, { ...tableSpace(streams), study_dir: dir }));
      return [];
    case "csv":
      // A file gets every byte as it is.
      for (const piece of summaryCsvPieces(summary)) {
        streams.out.write(streams.outIsTerminal ? printableLines(piece) : piece);
      }
      return [];
    case "json":
      return summary.rows;
  }
}

/** `llem show --failed`: what did not complete, why and what to try. */
function showFailed(study: string, { format }: ShowCommand, streams: Streams): readonly object[] {
  const opened = openStudy(study);
  const { dir, plan } = opened;
  // Where the runner cannot be seen from this machine, a run that is under way is taken for one.
  const runs = failedRuns(opened, findRunner(dir).alive !== false, Deno.env.toObject());
  const name = runNamer(comparedConfigs(plan), plan.n_cycles);
  if (runs.length === 0) streams.err.write(`llem: ${printable(noFailedRun(dir))}\n`);
  if (format === "json") return runs.map((run) => failedRow(run, dir));
  streams.out.write(failedText(runs, { total: plan.runs.length, name, study_dir: dir }));
  return [];
}
