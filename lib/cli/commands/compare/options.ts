import type { Command as Commander } from "@commander-js/extra-typings";
import { collectPath } from "../../options/path_argument.ts";
import { HELP } from "./messages.ts";

/** What `llem compare` is asked for. */
export interface CompareCommand {
  readonly kind: "compare";
  /** Study directories, or folders that hold some; empty for the newest study of the folder for results. */
  readonly dirs: readonly string[];
  /** The folder for results; null for the one that the user's configuration names, or the usual one. */
  readonly output: string | null;
  readonly json: boolean;
}

export function addCompare(program: Commander, found: (command: CompareCommand) => void): void {
  program.command("compare").description(HELP.about)
    .argument("[dir...]", HELP.dirs, collectPath)
    .option("--json", HELP.json)
    .action((dirs, { json }) =>
      found({ kind: "compare", dirs: dirs ?? [], output: null, json: json === true })
    );
}
