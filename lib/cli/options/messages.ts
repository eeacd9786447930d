/** Texts of `llem --help`, and of what is wrong with a command line. */

export const PROGRAM_ABOUT = "Measures the speed and energy use of LLM inference. " +
  "Every experiment of a study runs in a fresh worker process.";

export const EXAMPLES = `
Examples:
  llem run -m tiny-random                            first numbers, without a download
  llem run -m model.gguf --prompts 4 --input-len 64,512 --set llamacpp.n_threads=2,4
  llem run study.yaml                                progress on stderr, the table at the end
  llem run study.yaml --json | jq -c 'select(.event == "run_finished") | .metrics'
  llem run study.yaml --resume -q                    from cron: resume the newest, or start a new one
  llem plan study.yaml --set llamacpp.n_threads=4    check without running
  llem plan study.yaml --explain n                   where a value comes from
  llem show                                          table of the newest study; --csv, --json
  llem show --failed                                 why runs failed, and what to try
  llem compare                                       which setting is better, and by how much
  llem compare results/OLD results/NEW --gate        exit code 1 where the new study is worse
  llem report --open                                 the newest study as one HTML page
  llem meter -- sleep 1                              the energy of a command

Results go to ./results. Change that with -o, or with output.results_dir in ~/.config/llem/config.yaml.`;

export const EXIT_CODES = `
Exit codes:
  0    every run completed, or nothing was left to do
  1    the study ended, but at least one run did not complete; compare --gate: worse
  2    invalid arguments or study file
  3    this machine cannot run the study, see llem doctor; compare: not comparable or too few runs
  4    a result or the journal could not be saved, or stdout could not be written
  5    a worker survived SIGKILL
  6    run --join: nothing is left to take, others are still at work; compare --strict: undecided
  70   a defect of llem itself
  75   the study or a device is locked by another process
  129, 130, 131, 143   stopped by SIGHUP, SIGINT, SIGQUIT, SIGTERM
  140  ended after the current run, on SIGUSR2`;

export const HELP_OPTION = "show help";
/** `command`: of which the options are; empty for the program. */
export function seeHelp(command: string): string {
  const sbatch = command === "submit" ? "; options of sbatch come after --" : "";
  return `(see llem ${command === "" ? "" : `${command} `}--help${sbatch})`;
}

export const RUN_HELP = {
  about: "run a study, or resume one",
  study: "study file; not needed with --resume or --model",
  output: "folder for the study directory (default: results)",
  json: "print one JSON object per line to stdout",
  noGaps: "no pauses between runs (default: 60 s, and 300 s between cycles, for runs that use a GPU)",
  timeout: "time limit of one run (default: 2 s per prompt, at least 600 s)",
  retries: "further attempts after a crash or timeout (default: 0)",
  maxFailures: "stop after this many failed runs (default: no limit)",
  giveUpAfter:
    "skip the remaining runs of a backend and model if its first n runs fail in the same way (default: never)",
  devices:
    "devices of every run, with --parallel of all runs together, such as 0,1 or 0-3, or all (default: all visible ones)",
  dryRun: "check and print the plan without running it",
  check: "with --dry-run: exit 3 if this machine cannot run the study",
  quiet: "no output on success",
  verbose: "also print a line when a run starts",
  resume:
    "resume the study in this directory; with a study file: its newest unfinished one, or start a new one",
  join:
    "share the study in this directory with other agents: make it there, or join it; without a study file: join it",
  forTime:
    "with --join: begin no run that may not end within this time, such as 4h or 90m (default: that of the Slurm job)",
  unlessStopped: "with --join: leave at once if llem stop has stopped the study; for job scripts",
  retryFailed: "with --resume or --join: also rerun failed runs",
  report:
    "end with one HTML page of the study, also where runs failed (default: report.html in its directory)",
  shard: "make only this part of a new study, such as 1/3; llem merge joins the parts",
  wait: "wait up to this long for a locked study or device (default: 0)",
  noLock: "run even if the file system does not support locks",
};

export const PLAN_HELP = {
  about: "expand and check a study without running it",
  study: "study file; not needed with --model",
  json: "print the whole plan as JSON",
  explain: "show where the value of a configuration key comes from",
  check: "exit 3 if this machine cannot run the study",
  output: "folder of earlier studies, from which times and repeats are estimated (default: results)",
};

export const STATUS_HELP = {
  about: "progress of a study, also while it runs",
  json: "the manifest and the current run as JSON, one line per study",
};

export const SHOW_HELP = {
  about: "results as a table",
  json: "rows as a JSON array; with several studies each row has its study_dir",
  csv: "comma-separated values (one study only)",
  failed: "runs that did not complete: reason, hint, and the end of the log",
};

export const REANALYSE_HELP = {
  about: "compute the results of a study again from its requests, and judge them by its slo",
  dir: "study directory",
  study: "study file whose slo is to be taken (default: the slo that the study has)",
};

/** For the commands that read studies. */
export const READ_HELP = {
  dirs: "study directories (default: the newest study in the results folder)",
  output: "results folder to take the newest study from (default: results)",
};

export const DOCTOR_HELP = {
  about: "what this machine can measure and run, and how to fix the rest",
  json: "print the findings as one JSON document",
};

export const METER_HELP = {
  about: "live power draw of this machine; or the energy of a command: llem meter -- CMD",
  command: "program and arguments, after --",
  json: "one JSON object per line; with a command one object, on stdout, when it ends",
  period: "interval between power readings (default: 50)",
};

export const SCHEMA_ABOUT = "print the JSON Schema of the study file, for editors";
export const VERSION_ABOUT = "print the version, like --version";

/** For the options that `run` and `plan` share. */
export const STUDY_HELP = {
  model:
    "GGUF file, folder, Hugging Face owner/name, or tiny-random; enough on its own, without a study file",
  dataset:
    'aienergyscore, a .jsonl file, Hugging Face owner/name, or a mapping such as "{n: 4, input_len: 512}" ' +
    "(default without a study file: 8 synthetic prompts, 128 tokens in, 64 out)",
  prompts:
    "prompts per run (default: 100; without a study file 8, or all of the file that -d names, up to 100)",
  inputLen: "tokens of each synthetic prompt (default: 512; without a study file 128)",
  outputLen: "tokens generated per prompt (default: 128; without a study file 64)",
  precision: "fp32, fp16 or bf16 (default: bf16; a GGUF file has its own)",
  batchSize: "batch size of the pytorch backend (default: 1)",
  server: "address of a server with an OpenAI-compatible API, such as http://127.0.0.1:8000/v1",
  concurrency: "requests in flight at the server, such as 1,4,16 (default: 1)",
  rate: "requests per second to the server, sent at random times (Poisson), such as 2,8",
  set: "set any configuration key, see docs/study-file.md; 1,2,4 sweeps a number; repeatable",
  cycles: "repetitions of every experiment (default: 3; a single experiment 1)",
  until: "in place of --cycles: repeat until the 95 % interval of every experiment is that narrow, such as " +
    "j_per_output_token=2%; repeatable",
  minCycles: "with --until: cycles before the first look (default: 6)",
  maxCycles: "with --until: cycles at most (default: 20); with --resume <dir>: the study's new maximum",
  timeBudget: "with --until: begin no cycle that would end later than this (default: none)",
  seed: "seed of the shuffled order (default: derived from the study's design)",
};

export function parallelHelp(modes: readonly string[]): string {
  return `several runs at a time, each on devices of its own: ${
    modes.join(", ")
  } (default: off); see docs/many-gpus.md`;
}

export function backendHelp(backends: readonly string[], usual: string): string {
  return `${
    backends.join(", ")
  } (default: from the model's name for a GGUF file or tiny-random, otherwise ${usual})`;
}

export function orderHelp(orders: readonly string[]): string {
  return `${orders.join(", ")} (default: shuffled; a single experiment sequential)`;
}

export function emptyPath(): string {
  return "The path is empty.";
}

export function notASetting(text: string): string {
  return `"${text}" is not key=value, such as llamacpp.n_threads=4.`;
}

export function notAWidth(text: string): string {
  return `"${text}" is not metric=width, such as j_per_output_token=2%.`;
}

/** Of a `--devices` with nothing behind it, as from a shell variable that is not set. */
export function devicesAreEmpty(): string {
  return "--devices names no device; leave the option out to let runs use every visible GPU.";
}

export function noDeviceIn(text: string): string {
  return `"${text}" contains no device, such as 0,1.`;
}

export function notAPeriod(text: string, { least, most }: { least: number; most: number }): string {
  return `"${text}" is not a number of milliseconds from ${least} to ${most}.`;
}

export function notAShard(text: string): string {
  return `"${text}" is not a part of a study: i/n with 1 <= i <= n is meant, such as 1/3.`;
}

export function notAWait(text: string): string {
  return `"${text}" is not a number of seconds, such as 600.`;
}

export function usageError(message: string): string {
  return `error: ${message}`;
}

export function secondStudyFile(file: string): string {
  return `--resume ${file} is a second study file; name a directory, or use --resume alone`;
}

export function nothingToRun(): string {
  return "a study file, --model, --server or --resume DIR is needed";
}

export function nothingToPlan(): string {
  return "a study file, --model or --server is needed";
}

/** A number that a limit of cycles cannot be. */
export function notALimit(option: string, text: string): string {
  const unit = option === "--max-cycles" ? "a whole number of cycles" : "a number of seconds";
  return `${option} must be ${unit} above 0, found "${text}"`;
}

export function fixedByResume(option: string): string {
  return `${option} cannot change a study that is resumed`;
}

/** `option`: given with the directory of a study that agents share, and no study. */
export function fixedByJoin(option: string): string {
  return `${option} needs a study file with --join: the study that is there says it`;
}

/** `option`: one that only an agent of a shared study takes. */
export function needsJoin(option: string): string {
  return `${option} needs --join`;
}

export function notATime(text: string): string {
  return `"${text}" is no time; write 4h, 90m, 1h30m or 30s`;
}

export function joinAndResume(): string {
  return "--join cannot be combined with --resume: both name a directory";
}

export function joinAndShard(): string {
  return "--join cannot be combined with --shard: agents share what is left by themselves";
}

export function joinNamesDirectory(): string {
  return "--output cannot be combined with --join, which names the study directory itself";
}

export function dryRunOfJoin(): string {
  return "--dry-run cannot be combined with --join; see llem status";
}

export function dryRunHasNoReport(): string {
  return "--report has nothing to show with --dry-run";
}

export function reportOverStudy(file: string): string {
  return `--report would write a page over ${file}; give it a name that ends in .html`;
}

export function dryRunOfResume(): string {
  return "--dry-run cannot be combined with --resume; see llem status";
}

export function checkNeedsDryRun(): string {
  return "--check needs --dry-run; or use llem plan --check";
}

export function retryNeedsResume(): string {
  return "--retry-failed needs --resume";
}
