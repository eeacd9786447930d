/** The texts of lib/cluster/slurm for people. */

export function slurmIsMissing(program: string): string {
  return `${program}: no such program; is this a machine of a Slurm cluster?`;
}

export function slurmIsSlow(program: string, seconds: number): string {
  return `${program} has not answered for ${seconds} s`;
}

export function sbatchFailed(words: string): string {
  return `sbatch refuses the job: ${words === "" ? "it says nothing" : words}`;
}

/** `text`: a path, or an option of sbatch. */
export function lineBreakInScript(text: string): string {
  return `A job script cannot hold ${
    JSON.stringify(text)
  }: it has a line break or another control character. ` +
    "Use a folder, or a value, without one.";
}

/** Comments of the job scripts, a line each. */
export const SCRIPT_NOTES = {
  agents: [
    "Agents of a study, written by llem submit. Each task of the array is one agent on one node: it takes runs from the",
    "study directory until none is left. USR2 comes before the time limit: the agent finishes its current runs and, with work",
    "left, puts its task back into the queue. Losing a task loses at most the runs that it was making; others make them again.",
  ],
  options: "what was given after -- on the command line",
  finish: [
    "Comes after the agents of a study: writes manifest and summary, and submits again what is left while that helps.",
  ],
} as const;

/** What to do about an answer of sbatch. */
export const SBATCH_REMEDIES: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  {
    pattern: /invalid partition/i,
    remedy: "sinfo -s lists the partitions; name one with: llem submit ... -- --partition=NAME",
  },
  {
    pattern: /time limit/i,
    remedy:
      "sinfo -o '%P %l' shows the limits of the partitions; a shorter --time is enough, since the study continues in new jobs",
  },
  {
    pattern: /invalid job array|array.*too large/i,
    remedy:
      "scontrol show config | grep MaxArraySize shows how many tasks one array may have; give fewer --nodes",
  },
  {
    pattern: /account|invalid qos/i,
    remedy: "name yours with: llem submit ... -- --account=NAME --qos=NAME",
  },
  {
    pattern: /node configuration is not available|memory specification/i,
    remedy: "no node of that partition has what is asked for; sinfo -o '%P %c %m %G' shows what they have",
  },
  {
    pattern: /unrecognized option|invalid option|ambiguous/i,
    remedy: "what follows -- is handed to sbatch as it is; sbatch --help lists its options",
  },
  {
    pattern: /violates|limit/i,
    remedy: "this is a limit of the site or of your account; fewer --nodes or a shorter --time may fit",
  },
  {
    pattern: /unable to contact|timed out/i,
    remedy: "is this a login node of the cluster, and is its controller up? sinfo tells",
  },
];
