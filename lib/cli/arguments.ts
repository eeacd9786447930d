import { isFile as isFileOnDisk } from "../base/files.ts";
import {
  Command as Commander,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import { LLEM_VERSION } from "../base/version.ts";
import type { RunRequest, StudyRequest } from "../session/run_request.ts";
import { EXIT } from "../base/refusal.ts";
import { newestToResume } from "./messages.ts";
import { EXAMPLES, EXIT_CODES } from "./options/help.ts";
import { pathArgument } from "./options/path_argument.ts";
import { runOverrides, studyOptions, studyOverrides } from "./options/study_options.ts";

/** A command line that has been understood. Defaults are filled in; nothing has been opened yet. */
export type Command =
  | (RunRequest & {
    readonly kind: "run";
    readonly json: boolean;
    readonly dryRun: boolean;
    /** With a dry run: exit 3 where this machine cannot run the study. */
    readonly check: boolean;
    readonly verbosity: "quiet" | "normal" | "verbose";
  })
  | (StudyRequest & {
    readonly kind: "plan";
    readonly json: boolean;
    /** The configuration path whose values are explained; null for the plan itself. */
    readonly explain: string | null;
    /** Exit 3 where this machine cannot run the study. */
    readonly check: boolean;
  })
  | (StudiesRequest & { readonly kind: "status"; readonly json: boolean })
  | (StudiesRequest & {
    readonly kind: "show";
    readonly format: "table" | "json" | "csv";
    /** What did not complete, in place of the results. */
    readonly failed: boolean;
  })
  | { readonly kind: "doctor"; readonly json: boolean }
  | {
    readonly kind: "meter";
    readonly json: boolean;
    /** The program to meter and its arguments; empty for the live view. */
    readonly argv: readonly string[];
    /** Pause between two readings of power; null for the usual one. */
    readonly period_ms: number | null;
  }
  | { readonly kind: "schema" }
  | { readonly kind: "version" };

/** The studies that a command looks at. */
export interface StudiesRequest {
  /** Study directories, or folders that hold some; empty for the newest study of the folder for results. */
  readonly dirs: readonly string[];
  /** The folder for results; null for the one that the user's configuration names, or the usual one. */
  readonly output: string | null;
}

/** The newest study with something left to do in the folder for results; null where there is none. */
export type NewestUnfinished = (output: string | null) => string | null;

/** Text to print instead of a command: help, or what was wrong with the arguments. */
export interface TextAnswer {
  readonly kind: "text";
  readonly text: string;
  readonly exitCode: number;
}

/**
 * Reads the command line. Never throws for what a user can type. `isFile` tells a study file from a study directory
 * after --resume; `newestUnfinished` is asked where --resume names neither.
 */
export function parseArguments(
  args: readonly string[],
  isFile: (path: string) => boolean = isFileOnDisk,
  newestUnfinished: NewestUnfinished = () => null,
): Command | TextAnswer {
  let command: Command | null = null;
  let text = "";
  const write = (piece: string): void => {
    text += piece;
  };
  const program = makeProgram((found) => {
    command = found;
  }, { isFile, newestUnfinished });
  for (const one of [program, ...program.commands]) {
    one.configureOutput({ writeOut: write, writeErr: write });
    one.exitOverride();
  }
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // 0 is for help and version that were asked for; whatever else ends the parsing is a mistake.
    return { kind: "text", text, exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  }
  return command ?? { kind: "text", text: program.helpInformation(), exitCode: EXIT.usage };
}

const STUDIES = "study directories (default: the newest study of the folder for results)";
const OUTPUT = "-o, --output <dir>";
const NEWEST_OF = "folder whose newest study is taken where no directory is named (default: results)";

/** What of this machine decides how a command line is read. */
interface Surroundings {
  readonly isFile: (path: string) => boolean;
  readonly newestUnfinished: NewestUnfinished;
}

function makeProgram(found: (command: Command) => void, surroundings: Surroundings): Commander {
  const program = new Commander("llem")
    .description("Measures LLM inference: runs every experiment of a study in a fresh worker process.")
    .version(`llem ${LLEM_VERSION}`, "-V, --version")
    .helpOption("-h, --help", "show help")
    .showHelpAfterError("(see llem --help)")
    .addHelpText("after", `${EXAMPLES}\n${EXIT_CODES}`);
  addRun(program, found, surroundings);
  addPlan(program, found);
  program.command("status").description("what is done, running and left; works while the study runs")
    .argument("[dir...]", STUDIES, collectPath)
    .option(OUTPUT, NEWEST_OF, pathArgument)
    .option("--json", "the manifest with what runs now, as JSON; of several studies one line each")
    .action((dirs, { output, json }) =>
      found({ kind: "status", dirs: dirs ?? [], output: output ?? null, json: json === true })
    );
  program.command("show").description("results as a table")
    .argument("[dir...]", STUDIES, collectPath)
    .option(OUTPUT, NEWEST_OF, pathArgument)
    .addOption(
      new Option("--json", "an array of rows; of several studies each row names its study_dir").conflicts(
        "csv",
      ),
    )
    .option("--csv", "comma-separated values, of one study")
    .addOption(
      new Option("--failed", "what did not complete: why, what to try, the end of its log").conflicts("csv"),
    )
    .action((dirs, { output, json, csv, failed }) => {
      const format = json ? "json" : csv ? "csv" : "table";
      const studies = { dirs: dirs ?? [], output: output ?? null };
      found({ kind: "show", ...studies, format, failed: failed === true });
    });
  program.command("doctor").description(
    "what this machine can measure and run, and what to do about the rest",
  )
    .option("--json", "the findings as one JSON document")
    .action((options) => found({ kind: "doctor", json: options.json === true }));
  program.command("meter").description(
    "what the machine draws, live; or what a command takes: llem meter -- CMD",
  )
    .argument("[command...]", "program and arguments, after --")
    .option("--json", "one JSON object a line; with a command one object at its end, on stdout")
    .option("--period <ms>", "pause between two readings of power (default: 50)", parsePeriod)
    .action((argv, { json, period }) => {
      found({ kind: "meter", json: json === true, argv, period_ms: period ?? null });
    });
  program.command("schema").description("JSON Schema of the study file, for editors")
    .action(() => found({ kind: "schema" }));
  program.command("version").description("the version, as --version")
    .action(() => found({ kind: "version" }));
  return program as unknown as Commander;
}

function addRun(
  program: Commander,
  found: (command: Command) => void,
  { isFile, newestUnfinished }: Surroundings,
): void {
  const run = studyOptions(program.command("run"), "study file; none with --resume or --model")
    .description("run a study, or resume one")
    .option(
      "-o, --output <dir>",
      "folder in which the study directory is made (default: results)",
      pathArgument,
    )
    .option("--json", "one JSON object a line on stdout")
    .option(
      "--no-gaps",
      "no pauses between runs (default: 60 s, 300 s between cycles, where runs hold a GPU)",
    )
    .option("--timeout <seconds>", "limit of one run (default: 2 s a prompt, at least 600)")
    .option("--retries <n>", "further attempts of a run that crashed or timed out (default: 0)")
    .option("--max-failures <n>", "stop after so many failed runs (default: no limit)")
    .option(
      "--give-up-after <n>",
      "skip the rest of a backend and model whose first n runs fail alike (default: never)",
    )
    .option("--devices <list>", "devices of every run, comma-separated", parseDevices)
    .option("--dry-run", "check and show the plan, run nothing")
    .option("--check", "with --dry-run: exit 3 if this machine cannot run the study")
    .addOption(new Option("-q, --quiet", "silence on success").conflicts("verbose"))
    .option("-v, --verbose", "a line for every start as well")
    .option(
      "--resume [dir]",
      "resume the study in this directory; with a study file, its newest one",
      pathArgument,
    )
    .option("--retry-failed", "with --resume: rerun failed runs, too")
    .option("--wait <seconds>", "wait up to so long for a locked study or device (default: 0)", parseWait)
    .option("--no-lock", "run where the file system refuses to lock")
    .addHelpText("after", EXIT_CODES);
  run.action((argument, options) => {
    const overrides = [...studyOverrides(options), ...runOverrides(options)];
    const { file, resume } = whatToRun(argument, options.resume, isFile);
    const refuse = (message: string, code = "llem.conflict"): never =>
      run.error(`error: ${message}`, { code });
    if (argument !== undefined && file !== argument) {
      refuse(`--resume ${file} names a second study file; give a directory or nothing`);
    }
    if ((resume?.dir ?? null) === null && file === null && options.model === undefined) {
      const newest = resume === null ? null : newestUnfinished(options.output ?? null);
      const hint = newest === null ? "" : `; ${newestToResume(newest)}`;
      refuse(`a study file, --model or --resume DIR is needed${hint}`, "llem.missing");
    }
    if (resume !== null && resume.dir !== null) {
      // Gaps are how a study is carried out, not what it is.
      const [first] = overrides.filter(({ source }) => source !== "--no-gaps");
      if (first !== undefined) refuse(`${first.source} cannot change a study that is resumed`);
      if (options.output !== undefined) refuse("--output cannot change a study that is resumed");
    }
    if (resume !== null && options.dryRun) refuse("--dry-run makes no sense with --resume; see llem status");
    if (options.check && !options.dryRun) refuse("--check needs --dry-run; or use llem plan --check");
    if (options.retryFailed && resume === null) refuse("--retry-failed needs --resume");
    found({
      kind: "run",
      file,
      overrides,
      output: options.output ?? null,
      json: options.json === true,
      dryRun: options.dryRun === true,
      check: options.check === true,
      verbosity: options.quiet ? "quiet" : options.verbose ? "verbose" : "normal",
      resume,
      retryFailed: options.retryFailed === true,
      waitSeconds: options.wait ?? 0,
      noLock: !options.lock,
      ...options.gaps ? {} : { noGaps: true },
    });
  });
}

/** What `--resume` says with and without a value; a file for its value is the study file. */
function whatToRun(
  argument: string | undefined,
  value: string | true | undefined,
  isFile: (path: string) => boolean,
): Pick<Command & { kind: "run" }, "file" | "resume"> {
  const file = argument ?? null;
  if (value === undefined) return { file, resume: null };
  if (value === true) return { file, resume: { dir: null } };
  return isFile(value) ? { file: value, resume: { dir: null } } : { file, resume: { dir: value } };
}

/** The longest that --wait takes: 366 days. */
const LONGEST_WAIT_SECONDS = 366 * 86_400;

/** Bounds of --period, as for advanced.nvml_poll_interval_ms. */
const PERIODS_MS = { least: 10, most: 10_000 };

function collectPath(text: string, before: string[] | undefined): string[] {
  return [...before ?? [], pathArgument(text)];
}

function parseDevices(text: string): string[] {
  const devices = text.split(",").map((device) => device.trim()).filter((device) => device !== "");
  if (devices.length > 0 || text.trim() === "") return devices;
  throw new InvalidArgumentError(`"${text}" names no device, such as 0,1.`);
}

function parsePeriod(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) : NaN;
  if (ms >= PERIODS_MS.least && ms <= PERIODS_MS.most) return ms;
  throw new InvalidArgumentError(`"${text}" is not a number of milliseconds from 10 to 10000.`);
}

function parseWait(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (seconds >= 0 && seconds <= LONGEST_WAIT_SECONDS) return seconds;
  throw new InvalidArgumentError(`"${text}" is not a number of seconds, such as 600.`);
}

function addPlan(program: Commander, found: (command: Command) => void): void {
  const plan = studyOptions(program.command("plan"), "study file; none with --model")
    .description("expand and check a study; touches nothing")
    .option("--json", "the whole plan as JSON")
    .option("--devices <list>", "devices of every run, comma-separated", parseDevices)
    .option("--explain <key>", "say where the value of a configuration path comes from")
    .option("--check", "exit 3 if this machine cannot run the study");
  plan.action((file, options) => {
    if (file === undefined && options.model === undefined) {
      plan.error("error: a study file or --model is needed", { code: "llem.missing" });
    }
    found({
      kind: "plan",
      file: file ?? null,
      overrides: [...studyOverrides(options), ...runOverrides({ devices: options.devices })],
      json: options.json === true,
      explain: options.explain ?? null,
      check: options.check === true,
    });
  });
}
