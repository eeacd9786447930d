import type { Command as Commander } from "@commander-js/extra-typings";
import { collectPath } from "../../options/path_argument.ts";
import { HELP } from "./messages.ts";

/** What `llem report` is asked for. */
export interface ReportCommand {
  readonly kind: "report";
  /** Study directories, or folders that hold some; empty for the newest study of the folder for results. */
  readonly dirs: readonly string[];
  /** The folder for results; null for the one that the user's configuration names, or the usual one. */
  readonly output: string | null;
  readonly json: boolean;
}

export function addReport(program: Commander, found: (command: ReportCommand) => void): void {
  program.command("report").description(HELP.about)
    .argument("[dir...]", HELP.dirs, collectPath)
    .option("--json", HELP.json)
    .action((dirs, { json }) =>
      found({ kind: "report", dirs: dirs ?? [], output: null, json: json === true })
    );
}
