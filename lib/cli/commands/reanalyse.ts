import { CommandError, EXIT } from "../../base/refusal.ts";
import { printable } from "../../base/text.ts";
import { summaryTable } from "../../report/summary/summary_table.ts";
import { reanalyseStudy } from "../../session/reanalyse_study.ts";
import { SaveError } from "../../storage/save_error.ts";
import type { Command } from "../arguments.ts";
import { printIssues } from "../terminal/print_issues.ts";
import type { Streams } from "../terminal/streams.ts";
import { tableSpace } from "../terminal/table_space.ts";

/** `llem reanalyse`: the results of a study, computed again from its requests, as a table. Runs nothing. */
export function reanalyseCommand(command: Command & { kind: "reanalyse" }, streams: Streams): number {
  const { dir } = command;
  try {
    const summary = reanalyseStudy(command, dir, (event) => {
      if (event.type === "invalid") printIssues(event.issues, streams, { json: false });
      if (event.type === "notice") streams.err.write(`llem: ${printable(event.text)}\n`);
    });
    streams.out.write(summaryTable(summary, { ...tableSpace(streams), study_dir: dir }));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof SaveError)) throw error;
    throw new CommandError(EXIT.notSaved, error.message);
  }
}
