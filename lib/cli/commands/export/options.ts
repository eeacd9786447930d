import { type Command as Commander, InvalidArgumentError } from "@commander-js/extra-typings";
import {
  EXPORT_FORMATS,
  type ExportFormat,
  TABLE_NAMES,
  type TableName,
} from "../../../report/export/names.ts";
import { collectPath, pathArgument } from "../../options/path_argument.ts";
import { HELP, unknownFormat, unknownTable } from "./messages.ts";

/** What `llem export` is asked for. */
export interface ExportCommand {
  readonly kind: "export";
  /** Study directories, or folders that hold some; empty for the newest study of the folder for results. */
  readonly dirs: readonly string[];
  readonly format: ExportFormat;
  /** A file or folder; `-` is stdout. */
  readonly path: string;
  /** Empty for all. */
  readonly tables: readonly TableName[];
}

export function addExport(program: Commander, found: (command: ExportCommand) => void): void {
  program.command("export").description(HELP.about)
    .argument("[dir...]", HELP.dirs, collectPath)
    .requiredOption("--to <format>", HELP.to, oneOf(EXPORT_FORMATS, unknownFormat))
    .requiredOption("-o, --output <path>", HELP.output, pathArgument)
    .option("--table <name>", HELP.table, collectTable)
    .action((dirs, { to, output, table }) =>
      found({ kind: "export", dirs: dirs ?? [], format: to, path: output, tables: table ?? [] })
    );
}

/** One more table, or several apart by commas. */
function collectTable(text: string, before: TableName[] | undefined): TableName[] {
  return [...before ?? [], ...text.split(",").map(oneOf(TABLE_NAMES, unknownTable))];
}

/** A word, or as much of its begin as is no other's: `vllm`. */
function oneOf<Word extends string>(
  words: readonly Word[],
  refuse: (text: string, words: readonly string[]) => string,
): (text: string) => Word {
  return (text) => {
    const begun = text === "" ? [] : words.filter((each) => each.startsWith(text));
    const word = words.find((each) => each === text) ?? (begun.length === 1 ? begun[0] : undefined);
    if (word === undefined) throw new InvalidArgumentError(refuse(text, words));
    return word;
  };
}
