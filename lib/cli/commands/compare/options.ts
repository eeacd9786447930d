import { type Command as Commander, Option } from "@commander-js/extra-typings";
import type { CompareOptions } from "../../../results/compare/study_comparison.ts";
import { collectPath, pathArgument } from "../../options/path_argument.ts";
import { COMPARE_EXIT_CODES, HELP } from "./messages.ts";
import {
  collectList,
  collectText,
  confidenceArgument,
  exclusionArgument,
  marginArgument,
  metricArgument,
} from "./option_values.ts";

/** What `llem compare` is asked for. */
export interface CompareCommand {
  readonly kind: "compare";
  /** Study directories; empty for the newest study of the folder for results. */
  readonly dirs: readonly string[];
  readonly format: "text" | "json" | "md" | "csv";
  /** Null, as `-`, for stdout. */
  readonly file: string | null;
  /** Where a page of it goes, as that of `llem report`; null for none. */
  readonly page: string | null;
  readonly options: CompareOptions;
  /** A file with margins by metric; what `options` has is stronger. */
  readonly margins_file: string | null;
  /** Whether equal configurations are compared, for false alarms. */
  readonly is_null: boolean;
  readonly gate: boolean;
  readonly strict: boolean;
}

export function addCompare(program: Commander, found: (command: CompareCommand) => void): void {
  program.command("compare").description(HELP.about)
    .argument("[dir...]", HELP.dirs, collectPath)
    .option("--by <path>", HELP.by)
    .option("--baseline <value>", HELP.baseline)
    .option("--metric <name>", HELP.metric, metricArgument)
    .option("--margin <share>", HELP.margin, marginArgument)
    .option("--margins <file>", HELP.margins, pathArgument)
    .option("--confidence <percent>", HELP.confidence, confidenceArgument)
    .addOption(new Option("--adjust <how>", HELP.adjust).choices(["holm", "bh", "none"] as const))
    .option("--match <paths>", HELP.match, collectList)
    .option("--across-boards", HELP.acrossBoards)
    .option("--allow <name>", HELP.allow, collectText)
    .option("--without <run=reason>", HELP.without, exclusionArgument)
    .option("--null", HELP.null)
    .option("--gate", HELP.gate)
    .option("--strict", HELP.strict)
    .addOption(new Option("--json", HELP.json).conflicts(["md", "csv"]))
    .addOption(new Option("--md", HELP.md).conflicts("csv"))
    .option("--csv", HELP.csv)
    .option("-o, --output <file>", HELP.out, pathArgument)
    .addOption(new Option("--html <file>", HELP.html).argParser(pathArgument).conflicts("null"))
    .addHelpText("after", COMPARE_EXIT_CODES)
    .action((dirs, asked) =>
      found({
        kind: "compare",
        dirs: dirs ?? [],
        format: asked.json ? "json" : asked.md ? "md" : asked.csv ? "csv" : "text",
        file: asked.output ?? null,
        page: asked.html ?? null,
        options: {
          baseline: asked.baseline ?? null,
          by: asked.by ?? null,
          match: asked.match ?? [],
          metrics: asked.metric ?? [],
          margins: asked.margin ?? {},
          confidence: asked.confidence ?? 0.95,
          adjust: asked.adjust ?? "holm",
          across_boards: asked.acrossBoards === true,
          allow: asked.allow ?? [],
          without: asked.without ?? [],
        },
        margins_file: asked.margins ?? null,
        is_null: asked.null === true,
        gate: asked.gate === true,
        strict: asked.strict === true,
      })
    );
}
