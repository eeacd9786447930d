import type { Command as Commander } from "@commander-js/extra-typings";
import { pathArgument } from "../../options/path_argument.ts";
import { HELP } from "./messages.ts";

/** What `llem history` is asked for. */
export interface HistoryCommand {
  readonly kind: "history";
  /** A folder that holds study directories; null for the folder for results. */
  readonly root: string | null;
  readonly json: boolean;
}

export function addHistory(program: Commander, found: (command: HistoryCommand) => void): void {
  program.command("history").description(HELP.about)
    .argument("[root]", HELP.dirs, pathArgument)
    .option("--json", HELP.json)
    .action((root, { json }) => found({ kind: "history", root: root ?? null, json: json === true }));
}
