import { type Command as Commander, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { HistoryMetric } from "../../../results/history/metric_history.ts";
import { pathArgument } from "../../options/path_argument.ts";
import { metricArgument } from "../compare/option_values.ts";
import { HELP, HISTORY_EXIT_CODES, notANumberOfStudies } from "./messages.ts";

/** What `llem history` is asked for. */
export interface HistoryCommand {
  readonly kind: "history";
  /** A folder that holds study directories; null for the folder for results. */
  readonly root: string | null;
  /** Empty for the usual one. */
  readonly metrics: readonly HistoryMetric[];
  /** The beginning of a hash, or a part of a name; null for the configurations of most studies. */
  readonly config: string | null;
  /** Studies of a configuration; null for the usual number. */
  readonly last: number | null;
  readonly gate: boolean;
  /** A page to be written besides; null for none. */
  readonly html: string | null;
  readonly format: "text" | "json" | "csv";
}

export function addHistory(program: Commander, found: (command: HistoryCommand) => void): void {
  program.command("history").description(HELP.about)
    .argument("[root]", HELP.root, pathArgument)
    .option("--metric <name>", HELP.metric, metricArgument)
    .option("--config <hash|name>", HELP.config)
    .option("--last <n>", HELP.last, studiesArgument)
    .option("--gate", HELP.gate)
    .addOption(new Option("--json", HELP.json).conflicts("csv"))
    .option("--csv", HELP.csv)
    .option("--html <file>", HELP.html, pathArgument)
    .addHelpText("after", HISTORY_EXIT_CODES)
    .action((root, asked) =>
      found({
        kind: "history",
        root: root ?? null,
        metrics: asked.metric ?? [],
        config: asked.config ?? null,
        last: asked.last ?? null,
        gate: asked.gate === true,
        html: asked.html ?? null,
        format: asked.json ? "json" : asked.csv ? "csv" : "text",
      })
    );
}

function studiesArgument(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !(count >= 1) || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError(notANumberOfStudies(text));
  }
  return count;
}
