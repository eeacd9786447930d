import type { Command as Commander } from "@commander-js/extra-typings";
import { collectPath, pathArgument } from "../../options/path_argument.ts";
import { HELP } from "./messages.ts";

/** What `llem merge` is asked for. */
export interface MergeCommand {
  readonly kind: "merge";
  /** One at least. */
  readonly dirs: readonly string[];
  /** The directory that is made. */
  readonly output: string;
}

export function addMerge(program: Commander, found: (command: MergeCommand) => void): void {
  program.command("merge").description(HELP.about)
    .argument("<dir...>", HELP.dirs, collectPath)
    .requiredOption("-o, --output <dir>", HELP.output, pathArgument)
    .action((dirs, { output }) => found({ kind: "merge", dirs, output }));
}
