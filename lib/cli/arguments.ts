import { join } from "node:path";
import { isFile as isFileOnDisk } from "../base/files.ts";
import {
  Command as Commander,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import { LLEM_VERSION } from "../base/version.ts";
import { MOCK_ABOUT, MOCK_REQUEST_OPTIONS } from "../servers/mock/messages.ts";
import type { MockOptions } from "../servers/mock/options.ts";
import type { RunRequest, StudyRequest } from "../session/run_request.ts";
import { EXIT } from "../base/refusal.ts";
import { addCompare, type CompareCommand } from "./commands/compare/options.ts";
import { addExport, type ExportCommand } from "./commands/export/options.ts";
import { addHistory, type HistoryCommand } from "./commands/history/options.ts";
import { addList, type ListCommand } from "./commands/list/options.ts";
import { addKubernetes, type KubernetesCommand } from "./commands/kubernetes/options.ts";
import { addMerge, type MergeCommand } from "./commands/merge/options.ts";
import { addReport, type ReportCommand } from "./commands/report/options.ts";
import { addStop, type StopCommand } from "./commands/stop/options.ts";
import { addSubmit, type SubmitCommand } from "./commands/submit/options.ts";
import { newestToResume } from "./messages.ts";
import {
  checkNeedsDryRun,
  devicesAreEmpty,
  DOCTOR_HELP,
  dryRunHasNoReport,
  dryRunOfResume,
  EXAMPLES,
  EXIT_CODES,
  fixedByResume,
  HELP_OPTION,
  METER_HELP,
  noDeviceIn,
  nothingToPlan,
  nothingToRun,
  PLAN_HELP,
  PROGRAM_ABOUT,
  READ_HELP,
  REANALYSE_HELP,
  reportOverStudy,
  retryNeedsResume,
  RUN_HELP,
  SCHEMA_ABOUT,
  secondStudyFile,
  seeHelp,
  SHOW_HELP,
  STATUS_HELP,
  usageError,
  VERSION_ABOUT,
} from "./options/messages.ts";
import { GOES_ON_WITH, limitsOf } from "./options/cycle_limits.ts";
import { joinProblem } from "./options/join_options.ts";
import { mockCommandOptions, readMockOptions } from "./options/mock_options.ts";
import { parseJobTime, parsePeriod, parseShard, parseWait } from "./options/parse_values.ts";
import { collectPath, pathArgument } from "./options/path_argument.ts";
import { isStudyFile, whatToRun } from "./options/what_to_run.ts";
import { runOverrides, type StudyOptions, studyOptions, studyOverrides } from "./options/study_options.ts";

/** A command line that has been understood. Defaults are filled in; nothing has been opened yet. */
export type Command =
  | (RunRequest & {
    readonly kind: "run";
    readonly json: boolean;
    readonly dryRun: boolean;
    /** With a dry run: exit 3 where this machine cannot run the study. */
    readonly check: boolean;
    readonly verbosity: "quiet" | "normal" | "verbose";
    /** Ends with the page of the study, in this file; null is report.html in its directory. Left out where none is wanted. */
    readonly report?: { readonly file: string | null };
  })
  | (StudyRequest & {
    readonly kind: "plan";
    readonly json: boolean;
    /** The folder of earlier studies; null for the folder for results. */
    readonly output: string | null;
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
  | ListCommand
  | CompareCommand
  | ReportCommand
  | ExportCommand
  | HistoryCommand
  | SubmitCommand
  | StopCommand
  | KubernetesCommand
  | MergeCommand
  | (StudyRequest & { readonly kind: "reanalyse"; readonly dir: string })
  | { readonly kind: "doctor"; readonly json: boolean }
  | {
    readonly kind: "meter";
    readonly json: boolean;
    /** The program to meter and its arguments; empty for the live view. */
    readonly argv: readonly string[];
    /** Pause between two readings of power; null for the usual one. */
    readonly period_ms: number | null;
  }
  | { readonly kind: "mock-server"; readonly options: MockOptions }
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
  }, { isFile, newestUnfinished, words: args.includes("--") ? args.slice(args.indexOf("--") + 1) : [] });
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

const OUTPUT = "-o, --output <dir>";

/** What of this machine decides how a command line is read. */
interface Surroundings {
  readonly isFile: (path: string) => boolean;
  readonly newestUnfinished: NewestUnfinished;
  /** What stands after `--`. */
  readonly words: readonly string[];
}

function makeProgram(found: (command: Command) => void, surroundings: Surroundings): Commander {
  const program = new Commander("llem")
    .description(PROGRAM_ABOUT)
    .version(`llem ${LLEM_VERSION}`, "-V, --version")
    .helpOption("-h, --help", HELP_OPTION)
    .showHelpAfterError(seeHelp(""))
    .addHelpText("after", `${EXAMPLES}\n${EXIT_CODES}`);
  addRun(program, found, surroundings);
  addPlan(program, found);
  addSubmit(program as unknown as Commander, found, { words: surroundings.words, isStudyDir, parseDevices });
  addStop(program as unknown as Commander, found);
  addKubernetes(program as unknown as Commander, found);
  program.command("status").description(STATUS_HELP.about)
    .argument("[dir...]", READ_HELP.dirs, collectPath)
    .option(OUTPUT, READ_HELP.output, pathArgument)
    .option("--json", STATUS_HELP.json)
    .action((dirs, { output, json }) =>
      found({ kind: "status", dirs: dirs ?? [], output: output ?? null, json: json === true })
    );
  program.command("show").description(SHOW_HELP.about)
    .argument("[dir...]", READ_HELP.dirs, collectPath)
    .option(OUTPUT, READ_HELP.output, pathArgument)
    .addOption(
      new Option("--json", SHOW_HELP.json).conflicts(
        "csv",
      ),
    )
    .option("--csv", SHOW_HELP.csv)
    .addOption(
      new Option("--failed", SHOW_HELP.failed).conflicts("csv"),
    )
    .action((dirs, { output, json, csv, failed }) => {
      const format = json ? "json" : csv ? "csv" : "table";
      const studies = { dirs: dirs ?? [], output: output ?? null };
      found({ kind: "show", ...studies, format, failed: failed === true });
    });
  addList(program as unknown as Commander, found);
  addCompare(program as unknown as Commander, found);
  addReport(program as unknown as Commander, found);
  addExport(program as unknown as Commander, found);
  addHistory(program as unknown as Commander, found);
  addMerge(program as unknown as Commander, found);
  program.command("reanalyse").description(REANALYSE_HELP.about)
    .argument("<dir>", REANALYSE_HELP.dir, pathArgument)
    .argument("[study]", REANALYSE_HELP.study, pathArgument)
    .action((dir, file) => found({ kind: "reanalyse", dir, file: file ?? null, overrides: [] }));
  program.command("doctor").description(
    DOCTOR_HELP.about,
  )
    .option("--json", DOCTOR_HELP.json)
    .action((options) => found({ kind: "doctor", json: options.json === true }));
  program.command("meter").description(
    METER_HELP.about,
  )
    .argument("[command...]", METER_HELP.command)
    .option("--json", METER_HELP.json)
    .option("--period <ms>", METER_HELP.period, parsePeriod)
    .action((argv, { json, period }) => {
      found({ kind: "meter", json: json === true, argv, period_ms: period ?? null });
    });
  addMockServer(program, found);
  program.command("schema").description(SCHEMA_ABOUT)
    .action(() => found({ kind: "schema" }));
  program.command("version").description(VERSION_ABOUT)
    .action(() => found({ kind: "version" }));
  for (const command of program.commands) command.showHelpAfterError(seeHelp(command.name()));
  return program as unknown as Commander;
}

/** True for a directory that was submitted before. */
function isStudyDir(path: string): boolean {
  return isFileOnDisk(join(path, "submission.json"));
}

function addMockServer(program: Commander, found: (command: Command) => void): void {
  const command = program.command("mock-server").description(MOCK_ABOUT)
    .addHelpText("after", MOCK_REQUEST_OPTIONS);
  for (const option of mockCommandOptions()) command.addOption(option);
  command.action((said) => found({ kind: "mock-server", options: readMockOptions(said) }));
}

function addRun(
  program: Commander,
  found: (command: Command) => void,
  { isFile, newestUnfinished }: Surroundings,
): void {
  const run = studyOptions(program.command("run"), RUN_HELP.study)
    .description(RUN_HELP.about)
    .option(
      "-o, --output <dir>",
      RUN_HELP.output,
      pathArgument,
    )
    .option("--json", RUN_HELP.json)
    .option(
      "--no-gaps",
      RUN_HELP.noGaps,
    )
    .option("--timeout <seconds>", RUN_HELP.timeout)
    .option("--retries <n>", RUN_HELP.retries)
    .option("--max-failures <n>", RUN_HELP.maxFailures)
    .option(
      "--give-up-after <n>",
      RUN_HELP.giveUpAfter,
    )
    .option("--devices <list>", RUN_HELP.devices, parseDevices)
    .option("--dry-run", RUN_HELP.dryRun)
    .option("--check", RUN_HELP.check)
    .addOption(new Option("-q, --quiet", RUN_HELP.quiet).conflicts("verbose"))
    .option("-v, --verbose", RUN_HELP.verbose)
    .option(
      "--resume [dir]",
      RUN_HELP.resume,
      pathArgument,
    )
    .option("--join <dir>", RUN_HELP.join, pathArgument)
    .option("--for <time>", RUN_HELP.forTime, parseJobTime)
    .option("--unless-stopped", RUN_HELP.unlessStopped)
    .option("--retry-failed", RUN_HELP.retryFailed)
    .option("--report [file]", RUN_HELP.report, pathArgument)
    .option("--shard <i/n>", RUN_HELP.shard, parseShard)
    .option("--wait <seconds>", RUN_HELP.wait, parseWait)
    .option("--no-lock", RUN_HELP.noLock)
    .addHelpText("after", EXIT_CODES);
  run.action((argument, options) => {
    const overrides = [...studyOverrides(options), ...runOverrides(options)];
    const { file, resume, report } = whatToRun(argument, options, isFile);
    const refuse = (message: string, code = "llem.conflict"): never =>
      run.error(usageError(message), { code });
    if (argument !== undefined && file !== argument) {
      refuse(secondStudyFile(file ?? ""));
    }
    const { join } = options;
    const problem = joinProblem(options, overrides, {
      study: file !== null || namesStudy(options),
      resume: resume !== null,
    });
    if (problem !== null) refuse(problem);
    if (join === undefined && (resume?.dir ?? null) === null && file === null && !namesStudy(options)) {
      const newest = resume === null ? null : newestUnfinished(options.output ?? null);
      const hint = newest === null ? "" : `; ${newestToResume(newest)}`;
      refuse(`${nothingToRun()}${hint}`, "llem.missing");
    }
    if (resume !== null && resume.dir !== null) {
      // Gaps are how a study is carried out, not what it is.
      const [first] = overrides.filter(({ source }) => !GOES_ON_WITH.has(source));
      if (first !== undefined) refuse(fixedByResume(first.source));
      if (options.output !== undefined) refuse(fixedByResume("--output"));
    }
    if (resume !== null && options.shard !== undefined) refuse(fixedByResume("--shard"));
    if (resume !== null && options.dryRun) refuse(dryRunOfResume());
    if (report !== null && options.dryRun) refuse(dryRunHasNoReport());
    const page = report?.file ?? "";
    if (isStudyFile(page)) refuse(reportOverStudy(page));
    if (options.check && !options.dryRun) refuse(checkNeedsDryRun());
    if (options.retryFailed && resume === null && join === undefined) refuse(retryNeedsResume());
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
      ...options.shard === undefined ? {} : { shard: options.shard },
      ...file === null && resume !== null ? limitsOf(overrides, refuse) : {},
      ...report === null ? {} : { report },
      ...join === undefined ? {} : { join },
      ...options.for === undefined && !options.unlessStopped ? {} : {
        agent: { for_s: options.for ?? null, unlessStopped: options.unlessStopped === true },
      },
    });
  });
}

/** True where options alone make a study. */
function namesStudy({ model, server }: StudyOptions): boolean {
  return model !== undefined || server !== undefined;
}

function parseDevices(text: string): string[] {
  const devices = text.split(",").map((device) => device.trim()).filter((device) => device !== "");
  if (devices.length > 0) return devices;
  throw new InvalidArgumentError(text.trim() === "" ? devicesAreEmpty() : noDeviceIn(text));
}

function addPlan(program: Commander, found: (command: Command) => void): void {
  const plan = studyOptions(program.command("plan"), PLAN_HELP.study)
    .description(PLAN_HELP.about)
    .option("--json", PLAN_HELP.json)
    .option("--devices <list>", RUN_HELP.devices, parseDevices)
    .option("-o, --output <dir>", PLAN_HELP.output, pathArgument)
    .option("--explain <key>", PLAN_HELP.explain)
    .option("--check", PLAN_HELP.check);
  plan.action((file, options) => {
    if (file === undefined && !namesStudy(options)) {
      plan.error(usageError(nothingToPlan()), { code: "llem.missing" });
    }
    found({
      kind: "plan",
      file: file ?? null,
      overrides: [...studyOverrides(options), ...runOverrides({ devices: options.devices })],
      json: options.json === true,
      output: options.output ?? null,
      explain: options.explain ?? null,
      check: options.check === true,
    });
  });
}
