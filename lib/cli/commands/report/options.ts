import { type Command as Commander, Option } from "@commander-js/extra-typings";
import type { TraceChoice } from "../../../archive/report/chosen_runs.ts";
import { collectPath, pathArgument } from "../../options/path_argument.ts";
import { HELP } from "./messages.ts";

/** What `llem report` is asked for. */
export interface ReportCommand {
  readonly kind: "report";
  /** Study directories; empty for the newest study of the folder for results. */
  readonly dirs: readonly string[];
  /** `-` for stdout; null for the usual place. */
  readonly file: string | null;
  /** `VALUE` or `PATH=VALUE`; null for the first experiment. */
  readonly baseline: string | null;
  readonly traces: TraceChoice;
  readonly open: boolean;
}

export function addReport(program: Commander, found: (command: ReportCommand) => void): void {
  program.command("report").description(HELP.about)
    .argument("[dir...]", HELP.dirs, collectPath)
    .option("-o, --output <file>", HELP.output, pathArgument)
    .option("--baseline <value>", HELP.baseline)
    .addOption(new Option("--traces <which>", HELP.traces).choices(["flagged", "all", "none"] as const))
    .option("--open", HELP.open)
    .action((dirs, { output, baseline, traces, open }) =>
      found({
        kind: "report",
        dirs: dirs ?? [],
        file: output ?? null,
        baseline: baseline ?? null,
        traces: traces ?? "flagged",
        open: open === true,
      })
    );
}
