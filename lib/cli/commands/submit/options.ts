import { type Command as Commander, InvalidArgumentError } from "@commander-js/extra-typings";
import { sbatchOptions, unusableOption } from "../../../cluster/slurm/job_script.ts";
import { readJobTime } from "../../../cluster/slurm/time.ts";
import type { StudyRequest } from "../../../session/run_request.ts";
import { RUN_HELP, usageError } from "../../options/messages.ts";
import { pathArgument } from "../../options/path_argument.ts";
import { runOverrides, studyOptions, studyOverrides } from "../../options/study_options.ts";
import {
  HELP,
  notAJobTime,
  notAnOption,
  notANumberOfNodes,
  nothingToSubmit,
  optionIsUnusable,
  submitNeeds,
} from "./messages.ts";

/** What `llem submit` is asked for. */
export type SubmitCommand =
  | (StudyRequest & SubmitOptions & {
    readonly kind: "submit";
    readonly nodes: number;
    readonly time_s: number;
    /** Folder for the study directory; null for the usual one. */
    readonly output: string | null;
    /** Nothing is submitted, and nothing made. */
    readonly print: boolean;
  })
  /** Once more, of a study that was submitted before. */
  | (SubmitOptions & { readonly kind: "submit_again"; readonly dir: string; readonly nodes: number | null })
  /** What comes after the agents of a round. */
  | { readonly kind: "submit_finish"; readonly dir: string };

interface SubmitOptions {
  /** Options of sbatch, each with its value. */
  readonly options: readonly string[];
  readonly json: boolean;
}

const MOST_NODES = 100_000;

/** `words`: what stood after `--`. `isStudyDir`: whether a path names a directory that was submitted. */
export function addSubmit(
  program: Commander,
  found: (command: SubmitCommand) => void,
  { words, isStudyDir, parseDevices }: {
    readonly words: readonly string[];
    readonly isStudyDir: (path: string) => boolean;
    readonly parseDevices: (text: string) => string[];
  },
): void {
  const command = studyOptions(program.command("submit") as unknown as Commander<[]>, HELP.study);
  const submit = command.argument("[sbatch...]", HELP.sbatch)
    .description(HELP.about)
    .option("--nodes <n>", HELP.nodes, nodesArgument)
    .option("--time <time>", HELP.time, timeArgument)
    .option("--print", HELP.print)
    .option("--json", HELP.json)
    .option("-o, --output <dir>", RUN_HELP.output, pathArgument)
    .option("--no-gaps", RUN_HELP.noGaps)
    .option("--timeout <seconds>", RUN_HELP.timeout)
    .option("--retries <n>", RUN_HELP.retries)
    .option("--max-failures <n>", RUN_HELP.maxFailures)
    .option("--give-up-after <n>", RUN_HELP.giveUpAfter)
    .option("--devices <list>", RUN_HELP.devices, parseDevices)
    .option("--finish <dir>", HELP.finish, pathArgument)
    .addHelpText("after", HELP.after);
  submit.action((first, rest, options) => {
    const refuse = (message: string): never => submit.error(usageError(message), { code: "llem.conflict" });
    const given = [...first === undefined ? [] : [first], ...rest ?? []];
    const named = given.slice(0, given.length - words.length);
    const [file = null] = named;
    if (options.finish !== undefined) return found({ kind: "submit_finish", dir: options.finish });
    if (named.length > 1) refuse(notAnOption(named[1] ?? ""));
    const json = options.json === true;
    let sbatch: string[] = [];
    try {
      sbatch = sbatchOptions(words);
    } catch (error) {
      refuse(notAnOption((error as Error).message));
    }
    const unusable = unusableOption(sbatch);
    if (unusable !== null) refuse(optionIsUnusable(unusable));
    if (file !== null && isStudyDir(file)) {
      return found({ kind: "submit_again", dir: file, nodes: options.nodes ?? null, options: sbatch, json });
    }
    if (file === null && options.model === undefined && options.server === undefined) {
      refuse(nothingToSubmit());
    }
    const { nodes, time } = options;
    if (nodes === undefined || time === undefined) return refuse(submitNeeds(nodes === undefined));
    found({
      kind: "submit",
      file,
      overrides: [...studyOverrides(options), ...runOverrides(options)],
      nodes,
      time_s: time,
      options: sbatch,
      output: options.output ?? null,
      print: options.print === true,
      json,
    });
  });
}

function nodesArgument(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= MOST_NODES) return count;
  throw new InvalidArgumentError(notANumberOfNodes(text));
}

function timeArgument(text: string): number {
  const seconds = readJobTime(text);
  if (seconds !== null) return seconds;
  throw new InvalidArgumentError(notAJobTime(text));
}
