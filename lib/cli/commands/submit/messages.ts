/** The texts of `llem submit` on the command line. */
import { roughDuration } from "../../../base/duration.ts";
import { shellWord } from "../../../base/shell_word.ts";
import { plural } from "../../../base/text.ts";

export const HELP = {
  about: "run a study on several nodes of a Slurm cluster: submits agents that share one study directory",
  study: "study file, or the directory of a study that was submitted and is to be gone on with",
  sbatch: "options for sbatch, after --",
  nodes: "agents, each on a node of its own",
  time: "time limit of each agent's job: 4h, 90m, or as sbatch takes it; agents go on in a new job",
  print: "print the job script; submit nothing and make nothing",
  json: "print one JSON object",
  finish: "what the last job of a submission does: write manifest and summary, submit again what is left",
  after: `
What follows -- goes to sbatch as it is, and holds over what llem asks for:
  llem submit study.yaml --nodes 4 --time 4h -- --partition=gpu --account=mine
An agent has a whole node (cluster.exclusive). With --gres, --gpus-per-task or --exclusive after --, that is up to you.`,
};

export function notANumberOfNodes(text: string): string {
  return `"${text}" is no number of nodes; give a whole number of at least 1`;
}

export function notAJobTime(text: string): string {
  return `"${text}" is no time; write 4h, 90m, 1h30m, 2d, or as sbatch takes it: 90 (minutes), 4:00:00, 1-12:00:00`;
}

export function notAnOption(text: string): string {
  return `"${text}" is no option of sbatch; what follows -- begins with a dash: -- --partition=gpu`;
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
  { dir, runs, agents, asked, time_s, exclusive, jobs, finish_job, trouble, cancels_preempted }: {
    readonly dir: string;
    readonly runs: number;
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
  const fewer = agents < asked ? ` (of ${asked}: the study has no more for them to do)` : "";
  return [
    `submitted ${plural(runs, "run")} to ${plural(agents, "agent")}${fewer}, ${node}, ${
      roughDuration(time_s)
    } each`,
    `jobs      ${jobs.join(", ")}${finish_job === null ? "" : `, then ${finish_job} for the summary`}`,
    `directory ${dir}`,
    ...cancels_preempted && finish_job !== null
      ? [`note      agents that make room for others are cancelled here; ${finish_job} submits what is left`]
      : [],
    ...trouble === null ? [] : [
      `warning: nothing comes after the agents: ${trouble}. When they have ended: llem submit --finish ${
        shellWord(dir)
      }`,
    ],
    `next      llem status ${shellWord(dir)}`,
    `          llem stop ${shellWord(dir)}        (--drain: after the runs at hand)`,
    `          squeue -j ${jobs.join(",")}`,
    "",
  ].join("\n");
}

export function wouldSubmit(agents: number, exclusive: boolean): string {
  return `${plural(agents, "agent")}, ${exclusive ? "a whole node each" : "nodes as you asked for them"}; ` +
    "nothing was submitted, and the directory in the script is not made yet";
}

export function markRemoved(): string {
  return "llem stop had stopped this study; it goes on now";
}

export function nothingIsLeft(dir: string, completed: number, failed: number): string {
  const again = failed === 0
    ? ""
    : `; runs that failed are made again by: llem run --resume ${shellWord(dir)} --retry-failed`;
  return `every run has ended, ${completed} completed and ${failed} failed: nothing was submitted${again}`;
}
