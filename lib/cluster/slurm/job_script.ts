import { shellWord } from "../../base/shell_word.ts";
import { slurmTime } from "./time.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { lineBreakInScript, SCRIPT_NOTES } from "./messages.ts";

/** What the script of a submission's agents is made from. */
export interface AgentJob {
  /** The study directory, absolute. */
  readonly dir: string;
  readonly job_name: string;
  /** The folder that relative paths of the study may count on. */
  readonly working_folder: string;
  /** Agents, each a task of the array on a node of its own. */
  readonly agents: number;
  readonly time_s: number;
  /** How long before the limit Slurm asks the agent to finish. */
  readonly warning_s: number;
  /** Whole nodes. */
  readonly exclusive: boolean;
  /** Options of sbatch that the user gave, each with its values. They hold over ours. */
  readonly options: readonly string[];
  /** The program and the arguments that come before its own. */
  readonly llem: readonly string[];
}

/** How long an agent needs beside its longest run: Slurm looks at limits every 30 s, and the run is saved. */
export const WARNING_MARGIN_S = 90;

/** The script of the agents, for sbatch and for people. */
export function agentScript(job: AgentJob): string {
  const ours = [
    ["job-name", job.job_name],
    ["array", `0-${job.agents - 1}`],
    ["nodes", "1"],
    ["ntasks", "1"],
    ["time", slurmTime(job.time_s)],
    ...job.exclusive ? [["exclusive"], ...asksMemory(job.options) ? [] : [["mem", "0"]]] : [],
    ["output", `${escaped(job.dir)}/slurm/agent-%A_%a.out`],
    ["open-mode", "append"],
    ["chdir", job.working_folder],
    ["requeue"],
    ["signal", `B:USR2@${job.warning_s}`],
  ];
  const command = [...job.llem, "run", "--join", job.dir, "--unless-stopped"].map(shellWord).join(" ");
  return [
    "#!/bin/bash",
    ...SCRIPT_NOTES.agents.map((line) => `# ${line}`),
    ...ours.map(([name = "", value]) => directive(value === undefined ? `--${name}` : `--${name}=${value}`)),
    ...job.options.length === 0 ? [] : [`# ${SCRIPT_NOTES.options}`, ...job.options.map(directive)],
    "",
    `exec ${command}`,
    "",
  ].join("\n");
}

/** Enough for a controller that is away for some minutes as the next agents are submitted. */
const FINISH_S = 15 * 60;

/** The script of the job that comes after the agents. */
export function finishScript(
  { dir, job_name, working_folder, time_s, options, llem }: Omit<
    AgentJob,
    "agents" | "warning_s" | "exclusive"
  >,
): string {
  const command = [...llem, "submit", "--finish", dir].map(shellWord).join(" ");
  return [
    "#!/bin/bash",
    ...SCRIPT_NOTES.finish.map((line) => `# ${line}`),
    ...[
      `--job-name=${job_name}-finish`,
      "--nodes=1",
      "--ntasks=1",
      "--mem=1G",
      // A partition may allow its jobs less; what the agents ask for it allows.
      `--time=${slurmTime(Math.min(time_s, FINISH_S))}`,
      `--output=${escaped(dir)}/slurm/finish-%j.out`,
      `--chdir=${working_folder}`,
      ...admission(options),
    ].map(directive),
    "",
    `exec ${command}`,
    "",
  ].join("\n");
}

/** `%` begins a pattern in the name of an output file. */
function escaped(path: string): string {
  return path.replaceAll("%", "%%");
}

/** Throws CommandError for a text that would go on as a line of the script, which bash runs. */
export function refuseLineBreaks(texts: readonly string[]): void {
  // deno-lint-ignore no-control-regex
  const found = texts.find((text) => /[\x00-\x1f\x7f]/.test(text));
  if (found !== undefined) throw new CommandError(EXIT.usage, lineBreakInScript(found));
}

/** sbatch splits a line at spaces; quotes keep a value together. Throws CommandError. */
function directive(option: string): string {
  refuseLineBreaks([option]);
  const [, name = "", value = ""] = /^(--[\w-]+=|-\w )?([^]*)$/.exec(option) ?? [];
  const isPlain = !/[\s"'\\#]/.test(value);
  return `#SBATCH ${name}${isPlain ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
}

/**
 * The words of a command line after `--`, an option with its value each: `-p gpu` stays one. Throws RangeError, with the
 * word, where one is no option.
 */
export function sbatchOptions(words: readonly string[]): string[] {
  const options: string[] = [];
  let takesValue = false;
  for (const word of words) {
    if (word.startsWith("-") && word !== "-") {
      options.push(word);
      takesValue = !word.includes("=") && /^(-[A-Za-z]|--[\w-]+)$/.test(word);
    } else if (takesValue) {
      const option = options.pop() ?? "";
      options.push(option.startsWith("--") ? `${option}=${word}` : `${option} ${word}`);
      takesValue = false;
    } else throw new RangeError(word);
  }
  return options;
}

/** The value of an option by its long and short name; null where it is not among them, empty where it has none. */
export function optionValue(
  options: readonly string[],
  long: string,
  short: string | null = null,
): string | null {
  for (const option of options.toReversed()) {
    if (option === `--${long}` || option === `-${short}`) return "";
    if (option.startsWith(`--${long}=`)) return option.slice(long.length + 3);
    if (short !== null && option.startsWith(`-${short}`) && !option.startsWith("--")) {
      return option.slice(2).trim();
    }
  }
  return null;
}

/** The first option that makes sbatch do something else than to take the script and return; null where there is none. */
export function unusableOption(options: readonly string[]): string | null {
  const named = ["test-only", "wrap", "help", "usage", "version"].find((name) =>
    optionValue(options, name) !== null
  );
  if (named !== undefined) return `--${named}`;
  return optionValue(options, "wait", "W") === null ? null : "--wait";
}

/** True where the user's own options say which part of a node is wanted, so that a whole one is not asked for. */
export function sharesNodes(options: readonly string[]): boolean {
  const named = ["gpus-per-task", "gpus-per-node", "gres", "oversubscribe", "exclusive"];
  return named.some((name) => optionValue(options, name) !== null) ||
    optionValue(options, "gpus", "G") !== null || optionValue(options, "oversubscribe", "s") !== null;
}

function asksMemory(options: readonly string[]): boolean {
  return ["mem", "mem-per-cpu", "mem-per-gpu"].some((name) => optionValue(options, name) !== null);
}

/** What decides whether and where a job may run at all. */
const ADMISSION = [["partition", "p"], ["account", "A"], ["qos", "q"], ["reservation", null], [
  "clusters",
  "M",
]] as const;

function admission(options: readonly string[]): string[] {
  return ADMISSION.flatMap(([long, short]) => {
    const value = optionValue(options, long, short);
    return value === null || value === "" ? [] : [`--${long}=${value}`];
  });
}
