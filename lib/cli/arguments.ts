import { isFile as isFileOnDisk } from "../base/files.ts";
import {
  Command as Commander,
  CommanderError,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import { LLEM_VERSION } from "../base/version.ts";
import type { RunRequest, StudyRequest } from "../session/run_request.ts";
import type { Override } from "../study/study.ts";
import { EXIT } from "../base/refusal.ts";

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
  | { readonly kind: "status"; readonly dir: string; readonly json: boolean }
  | {
    readonly kind: "show";
    readonly dir: string;
    readonly format: "table" | "json" | "csv";
    /** What did not complete, in place of the results. */
    readonly failed: boolean;
  }
  | { readonly kind: "doctor"; readonly json: boolean }
  | {
    readonly kind: "meter";
    readonly json: boolean;
    /** The program to meter and its arguments; empty for the live view. */
    readonly argv: readonly string[];
    /** Pause between two readings of power; null for the usual one. */
    readonly period_ms: number | null;
  }
  | { readonly kind: "schema" };

/** Text to print instead of a command: help, or what was wrong with the arguments. */
export interface TextAnswer {
  readonly kind: "text";
  readonly text: string;
  readonly exitCode: number;
}

/**
 * Reads the command line. Never throws for what a user can type. `isFile` tells a study file from a study directory
 * after --resume.
 */
export function parseArguments(
  args: readonly string[],
  isFile: (path: string) => boolean = isFileOnDisk,
): Command | TextAnswer {
  let command: Command | null = null;
  let text = "";
  const write = (piece: string): void => {
    text += piece;
  };
  const program = makeProgram((found) => {
    command = found;
  }, isFile);
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

const EXAMPLES = `
Examples:
  llem run study.yaml                          run a study, progress on stderr, the table at the end
  llem run study.yaml --json | jq .metrics     one JSON object a line
  llem run --resume results/study_2026-...     go on where a study was cut off
  llem run study.yaml --resume -q              from cron: go on with the newest, or start anew
  llem plan study.yaml --set llamacpp.n_threads=4
  llem plan study.yaml --explain n             where a value comes from
  llem show results/study_2026-... --csv > table.csv
  llem show results/study_2026-... --failed    why runs failed, and what to try`;

function makeProgram(found: (command: Command) => void, isFile: (path: string) => boolean): Commander {
  const program = new Commander("llem")
    .description("Measures LLM inference: runs every experiment of a study in a fresh worker process.")
    .version(`llem ${LLEM_VERSION}`, "-V, --version")
    .helpOption("-h, --help", "show help")
    .showHelpAfterError("(llem --help shows what there is)")
    .addHelpText("after", EXAMPLES);
  addRun(program, found, isFile);
  addPlan(program, found);
  program.command("status").description("what is done, running and left; works while the study runs")
    .argument("<dir>", "study directory")
    .option("--json", "the manifest with what runs now, as JSON")
    .action((dir, options) => found({ kind: "status", dir, json: options.json === true }));
  program.command("show").description("results as a table")
    .argument("<dir>", "study directory")
    .addOption(new Option("--json", "an array of rows").conflicts("csv"))
    .option("--csv", "comma-separated values")
    .addOption(
      new Option("--failed", "what did not complete: why, what to try, the end of its log").conflicts("csv"),
    )
    .action((dir, { json, csv, failed }) => {
      const format = json ? "json" : csv ? "csv" : "table";
      found({ kind: "show", dir, format, failed: failed === true });
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
  return program as unknown as Commander;
}

function addRun(
  program: Commander,
  found: (command: Command) => void,
  isFile: (path: string) => boolean,
): void {
  const run = studyOptions(program.command("run"), "study file; none with --resume or --model")
    .description("run a study, or go on with one")
    .option("-o, --output <dir>", "folder in which the study directory is made (default: results)")
    .option("--json", "one JSON object a line on stdout")
    .option("--no-gaps", "no pauses between runs")
    .option("--timeout <seconds>", "limit of one run")
    .option("--retries <n>", "further attempts of a run that crashed or timed out")
    .option("--max-failures <n>", "stop after so many failed runs")
    .option("--give-up-after <n>", "leave out the rest of a backend and model whose first n runs fail alike")
    .option("--devices <list>", "devices of every run, comma-separated", parseDevices)
    .option("--dry-run", "check and show the plan, run nothing")
    .option("--check", "with --dry-run: exit 3 if this machine cannot run the study")
    .addOption(new Option("-q, --quiet", "silence on success").conflicts("verbose"))
    .option("-v, --verbose", "a line for every start as well")
    .option(
      "--resume [dir]",
      "go on with the study in this directory; with a study file, with its newest one",
    )
    .option("--retry-failed", "with --resume: run failed runs again, too")
    .option("--wait <seconds>", "wait so long for a study or device that another process holds", parseWait)
    .option("--no-lock", "go on where the file system refuses to lock");
  run.action((argument, options) => {
    const overrides = [...studyOverrides(options), ...runOverrides(options)];
    const { file, resume } = whatToRun(argument, options.resume, isFile);
    const refuse = (message: string, code = "llem.conflict"): never =>
      run.error(`error: ${message}`, { code });
    if (argument !== undefined && file !== argument) {
      refuse(`--resume ${file} names a second study file; give a directory or nothing`);
    }
    if ((resume?.dir ?? null) === null && file === null && options.model === undefined) {
      refuse("a study file, --model or --resume DIR is needed", "llem.missing");
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
    .option("--explain <key>", "say where the value of a configuration path comes from")
    .option("--check", "exit 3 if this machine cannot run the study");
  plan.action((file, options) => {
    if (file === undefined && options.model === undefined) {
      plan.error("error: a study file or --model is needed", { code: "llem.missing" });
    }
    found({
      kind: "plan",
      file: file ?? null,
      overrides: studyOverrides(options),
      json: options.json === true,
      explain: options.explain ?? null,
      check: options.check === true,
    });
  });
}

/** The options by which both `run` and `plan` make a study. */
function studyOptions<A extends unknown[], O extends Record<string, unknown>>(
  command: Commander<A, O>,
  about: string,
) {
  return command
    .argument("[study]", about)
    .option(
      "--set <key=value>",
      "set any configuration path; may be repeated",
      collectSetting,
    )
    .option("--cycles <n>", "how often every experiment runs")
    .option("--order <order>", "sequential, interleaved, shuffled, reverse or latin_square")
    .option("--seed <n>", "seed of the shuffled order")
    .option("-m, --model <model>", "model; alone it makes a study of one experiment")
    .option("-b, --backend <backend>", "backend")
    .option("-d, --dataset <dataset>", "dataset")
    .option("-n, --n <n>", "prompts per run")
    .option("-p, --precision <precision>", "precision")
    .option("--batch-size <n>", "batch size of the pytorch backend");
}

function collectSetting(text: string, before: Override[] | undefined): Override[] {
  const cut = text.indexOf("=");
  if (cut <= 0) throw new InvalidArgumentError(`"${text}" is not key=value, such as llamacpp.n_threads=4.`);
  return [...before ?? [], { path: text.slice(0, cut).trim(), text: text.slice(cut + 1), source: "--set" }];
}

/** Flags and the paths they stand for. Their texts are read like values of the file. */
const STUDY_FLAGS = [
  { option: "model", path: "model", source: "--model", plain: true },
  { option: "backend", path: "backend", source: "--backend", plain: true },
  { option: "dataset", path: "dataset", source: "--dataset", plain: true },
  { option: "n", path: "n", source: "-n", plain: false },
  { option: "precision", path: "precision", source: "--precision", plain: true },
  { option: "batchSize", path: "pytorch.batch_size", source: "--batch-size", plain: false },
  { option: "cycles", path: "execution.n_cycles", source: "--cycles", plain: false },
  { option: "order", path: "execution.cycle_order", source: "--order", plain: true },
  { option: "seed", path: "execution.shuffle_seed", source: "--seed", plain: false },
] as const;

const RUN_FLAGS = [
  { option: "timeout", path: "execution.experiment_timeout_seconds", source: "--timeout" },
  { option: "retries", path: "execution.retries", source: "--retries" },
  { option: "maxFailures", path: "execution.max_failures", source: "--max-failures" },
  { option: "giveUpAfter", path: "execution.give_up_after", source: "--give-up-after" },
] as const;

function studyOverrides(options: Record<string, unknown> & { set?: Override[] | undefined }): Override[] {
  const flags = STUDY_FLAGS.flatMap(({ option, path, source, plain }): Override[] => {
    const text = options[option];
    if (typeof text !== "string") return [];
    return [plain ? { path, value: text, source } : { path, text, source }];
  });
  return [...options.set ?? [], ...flags];
}

function runOverrides(
  options: Record<string, unknown> & { readonly devices?: string[] | undefined },
): Override[] {
  const overrides = RUN_FLAGS.flatMap(({ option, path, source }): Override[] => {
    const text = options[option];
    return typeof text === "string" ? [{ path, text, source }] : [];
  });
  const { devices } = options;
  if (devices !== undefined) {
    overrides.push({ path: "execution.devices", value: devices, source: "--devices" });
  }
  if (options["gaps"] === false) {
    overrides.push({ path: "execution.experiment_gap_seconds", value: 0, source: "--no-gaps" });
    overrides.push({ path: "execution.cycle_gap_seconds", value: 0, source: "--no-gaps" });
  }
  return overrides;
}
