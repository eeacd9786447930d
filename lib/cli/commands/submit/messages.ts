/** The texts of `llem submit` on the command line. */
import { roughDuration } from "../../../base/duration.ts";
import { shellWord } from "../../../base/shell_word.ts";
import { plural } from "../../../base/text.ts";

export const HELP = {
  about: "run a study on several nodes of a Slurm cluster: submits agents that share one study directory",
  study: "study file, or the directory of a submitted study, to continue it",
  sbatch: "options of sbatch, after --",
  nodes: "agents, each on a node of its own",
  time:
    "time limit of each agent's job: 4h, 90m, or as sbatch takes it; a longer study continues in new jobs",
  print: "print the job script; submit nothing, write nothing",
  json: "print one JSON object",
  finish: "what the last job of a submission does: write manifest and summary, submit again what is left",
  after: `
What follows -- goes to sbatch unchanged and overrides what llem asks for:
  llem submit study.yaml --nodes 4 --time 4h -- --partition=gpu --account=mine
An agent has a whole node (cluster.exclusive), unless --gres, --gpus-per-task or --exclusive follows --.`,
};

export function notANumberOfNodes(text: string): string {
  return `"${text}" is not a number of nodes: give a whole number of at least 1`;
}

export function notAJobTime(text: string): string {
  return `"${text}" is not a time: write 4h, 90m, 1h30m, 2d, or as sbatch takes it: 90 (minutes), 4:00:00, 1-12:00:00`;
}

export function notAnOption(text: string): string {
  return `"${text}" is not an option of sbatch: what follows -- begins with a dash, such as -- --partition=gpu`;
}

export function optionIsUnusable(option: string): string {
  return `${option} is not for llem submit, which hands scripts of its own to sbatch and returns once they are queued`;
}

export function nothingToSubmit(): string {
  return "name a study file, or give --model";
}

export function submitNeeds(nodes: boolean): string {
  return nodes
    ? "--nodes is missing: how many agents?"
    : "--time is missing: how long may each agent's job take?";
}

/** What was done, for people; every line is one fact. */
export function submittedText(
  { dir, runs, left, agents, asked, time_s, exclusive, jobs, finish_job, trouble, cancels_preempted }: {
    readonly dir: string;
    readonly runs: number;
    /** Runs that have not ended yet. */
    readonly left: number;
    readonly agents: number;
    readonly asked: number;
    readonly time_s: number;
    readonly exclusive: boolean;
    readonly jobs: readonly string[];
    readonly finish_job: string | null;
    /** Why nothing comes after the agents; null where something does. */
    readonly trouble: string | null;
    readonly cancels_preempted: boolean;
  },
): string {
  const node = exclusive ? "a whole node each" : "nodes as you asked for them";
  const fewer = agents < asked ? ` (not ${asked}: there is no work for more)` : "";
  return [
    `submitted ${left < runs ? `${left} of ` : ""}${plural(runs, "run")} to ${
      plural(agents, "agent")
    }${fewer}, ${node}, ${roughDuration(time_s)} each`,
    `jobs      ${jobs.join(", ")}${finish_job === null ? "" : `, then ${finish_job} for the summary`}`,
    `directory ${dir}`,
    ...cancels_preempted && finish_job !== null
      ? [`note      this cluster cancels preempted jobs; job ${finish_job} submits what is left`]
      : [],
    ...trouble === null ? [] : [
      `warning: there is no job for the summary: ${trouble}. When all agents have ended: llem submit --finish ${
        shellWord(dir)
      }`,
    ],
    `next      llem status ${shellWord(dir)}`,
    `          llem stop ${shellWord(dir)}        (--drain: after the current runs)`,
    `          squeue -j ${jobs.join(",")}`,
    "",
  ].join("\n");
}

export function wouldSubmit(agents: number, exclusive: boolean): string {
  return `${plural(agents, "agent")}, ${exclusive ? "a whole node each" : "nodes as you asked for them"}; ` +
    "nothing was submitted, and the directory in the script is not made yet";
}

export function markRemoved(): string {
  return "llem stop had stopped this study; it continues now";
}
