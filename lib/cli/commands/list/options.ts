import type { Command as Commander } from "@commander-js/extra-typings";
import { pathArgument } from "../../options/path_argument.ts";
import { HELP } from "./messages.ts";

/** What `llem list` is asked for. */
export interface ListCommand {
  readonly kind: "list";
  /** A folder that holds study directories; null for the folder for results. */
  readonly root: string | null;
  readonly json: boolean;
}

export function addList(program: Commander, found: (command: ListCommand) => void): void {
  program.command("list").description(HELP.about)
    .argument("[root]", HELP.root, pathArgument)
    .option("--json", HELP.json)
    .action((root, { json }) => found({ kind: "list", root: root ?? null, json: json === true }));
}
