import type { Command as Commander } from "@commander-js/extra-typings";
import { pathArgument } from "../../options/path_argument.ts";
import { HELP } from "./messages.ts";

/** What `llem stop` is asked for. */
export interface StopCommand {
  readonly kind: "stop";
  /** Study directory. */
  readonly dir: string;
  /** The runs at hand may end. */
  readonly drain: boolean;
  readonly json: boolean;
}

export function addStop(program: Commander, found: (command: StopCommand) => void): void {
  program.command("stop").description(HELP.about)
    .argument("<dir>", HELP.dir, pathArgument)
    .option("--drain", HELP.drain)
    .option("--json", HELP.json)
    .action((dir, { drain, json }) =>
      found({ kind: "stop", dir, drain: drain === true, json: json === true })
    );
}
