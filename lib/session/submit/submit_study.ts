import { join, resolve } from "node:path";
import { LLEM_VERSION } from "../../base/version.ts";
import { removeTree } from "../../base/files.ts";
import { ownVariable } from "../../base/own_environment.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { newStudyName } from "../../archive/study_folder.ts";
import { earlierTimes } from "../../archive/earlier_times.ts";
import { askPartitions, type Partition } from "../../cluster/slurm/facts.ts";
import {
  optionValue,
  refuseLineBreaks,
  sharesNodes,
  WARNING_MARGIN_S,
} from "../../cluster/slurm/job_script.ts";
import type { AskSlurm } from "../../cluster/slurm/slurm_command.ts";
import { tokensIn } from "../../experiment/secret_names.ts";
import type { EarlierTimes } from "../../plan/estimate.ts";
import type { Plan } from "../../plan/plan.ts";
import { runLimitSeconds } from "../../plan/run_limit.ts";
import { realDisk } from "../../storage/disk.ts";
import { createExclusiveFolder } from "../../storage/exclusive_folder.ts";
import type { CheckedReading } from "../open_session.ts";
import type { StudyRequest } from "../run_request.ts";
import { studyChains } from "../join/study_chains.ts";
import { growingStudyAlone, partitionIsShorter, timeIsTooShort } from "./messages.ts";
import { type RoundResult, ROUNDS_FOLDER } from "./rounds.ts";
import { type recordedFiles, type Submission, writeSubmission } from "./submission.ts";
import { saving } from "./saving.ts";
import { type Scripts, scriptsOf, submitRound } from "./submit_round.ts";

/** What a study is submitted with. */
export interface SubmitWishes {
  readonly nodes: number;
  readonly time_s: number;
  /** Options of sbatch, each with its value. */
  readonly options: readonly string[];
  /** Folder for the study directory; null for the usual one. */
  readonly output: string | null;
}

/** A study that may be submitted: nothing is written yet. */
export interface PreparedSubmission {
  readonly submission: Submission;
  readonly plan: Plan;
  /** Absolute folder for the study directory. */
  readonly folder: string;
  readonly isSecret: boolean;
  readonly isPrivate: boolean;
}

/** Checks what can be checked without the nodes. Throws CommandError where no agent could do the study. */
export async function prepareSubmission(
  request: StudyRequest,
  reading: CheckedReading,
  files: ReturnType<typeof recordedFiles>,
  wishes: SubmitWishes,
  ask: AskSlurm,
): Promise<PreparedSubmission> {
  const { plan } = reading;
  refuseGrowing(plan);
  const folder = resolve(wishes.output ?? reading.results_dir);
  refuseLineBreaks([folder, files.folder(), ...wishes.options]);
  const hashes = new Set(plan.runs.map(({ config_hash }) => config_hash));
  const expected_s = expectedSeconds(earlierTimes(folder, hashes));
  const longest_s = longestRunSeconds(plan, expected_s);
  const warning_s = Math.ceil(longest_s + WARNING_MARGIN_S);
  if (wishes.time_s < warning_s) {
    throw new CommandError(EXIT.usage, timeIsTooShort(wishes.time_s, longest_s, warning_s));
  }
  const partition = chosenPartition(await askPartitions(ask), wishes.options);
  if (partition !== null && partition.limit_s !== null && wishes.time_s > partition.limit_s) {
    throw new CommandError(EXIT.usage, partitionIsShorter(partition.name, partition.limit_s, wishes.time_s));
  }
  const submission: Submission = {
    schema: "llem.submission/1",
    submitted_at: new Date().toISOString(),
    llem_version: LLEM_VERSION,
    host: Deno.hostname(),
    ...request,
    folder: files.folder(),
    files: files.files,
    user_config: files.user_config,
    study_design_hash: plan.study_design_hash,
    n_runs: plan.runs.length,
    expected_s,
    slurm: {
      job_name: "",
      nodes: Math.min(wishes.nodes, mostAgents(plan, reading.base_dir)),
      time_s: wishes.time_s,
      warning_s,
      exclusive: plan.cluster.exclusive && !sharesNodes(wishes.options),
      options: wishes.options,
    },
  };
  const isSecret = reading.holds_secrets || Object.keys(plan.secrets).length > 0 ||
    tokensIn(JSON.stringify([submission.files, submission.overrides, submission.user_config])).length > 0;
  return { submission, plan, folder, isSecret, isPrivate: reading.private_files };
}

/** Throws CommandError for a study whose runs follow from its results: no agent has all of them. */
export function refuseGrowing({ search, execution }: Pick<Plan, "search" | "execution">): void {
  if (search !== null || execution.until !== null) throw new CommandError(EXIT.usage, growingStudyAlone());
}

/** The scripts as they would be, for a directory that is not made. */
export function foreseenScripts({ submission, plan, folder }: PreparedSubmission): Scripts {
  const dir = join(folder, `${newStudyName(plan)}_XXXX`);
  return scriptsOf(dir, named(submission, dir), submission.slurm.nodes);
}

/** What became of a submission. */
export interface SubmittedStudy {
  readonly dir: string;
  readonly submission: Submission;
  readonly result: RoundResult & { readonly kind: "submitted" };
}

/** Makes the study directory and submits its first agents. Leaves nothing where sbatch refuses them. Throws CommandError and SaveError. */
export async function submitStudy(
  { submission: unnamed, plan, folder, isSecret, isPrivate }: PreparedSubmission,
  text: Uint8Array,
  ask: AskSlurm,
): Promise<SubmittedStudy> {
  const dir = createExclusiveFolder(folder, newStudyName(plan));
  const submission = named(unnamed, dir);
  try {
    saving(dir, () => {
      if (isPrivate) Deno.chmodSync(dir, 0o700);
      realDisk.createFolder(join(dir, ROUNDS_FOLDER));
      realDisk.replace(join(dir, "study.yaml"), text, isSecret ? 0o600 : undefined);
      writeSubmission(realDisk, dir, submission, { isSecret });
    });
    const { nodes: agents } = submission.slurm;
    const by_job = ownVariable("SLURM_JOB_ID") ?? null;
    const begun = { round: 1, at: submission.submitted_at, by_job, agents, ended_before: 0 };
    const result = await submitRound(realDisk, ask, dir, submission, begun);
    if (result.kind === "submitted") return { dir, submission, result };
    const code = result.kind === "absent" ? EXIT.preflight : EXIT.usage;
    throw new CommandError(code, result.kind === "taken" ? "" : result.text);
  } catch (error) {
    removeTree(dir);
    throw error;
  }
}

/** The jobs of a study are known by the name of its directory. */
function named(submission: Submission, dir: string): Submission {
  const job_name = `llem-${dir.split("/").at(-1) ?? ""}`;
  return { ...submission, slurm: { ...submission.slurm, job_name } };
}

/** A run may take longer than it did so far, on another node. */
const EARLIER_MARGIN = 1.5;

function expectedSeconds({ run_s }: EarlierTimes): Record<string, number> {
  return Object.fromEntries([...run_s].map(([hash, seconds]) => [hash, Math.ceil(seconds * EARLIER_MARGIN)]));
}

/** The longest that any run of a plan may take: its limit or, where its configuration ran before, what is expected. */
export function longestRunSeconds(
  { runs, execution }: Pick<Plan, "runs" | "execution">,
  expected_s: Readonly<Record<string, number>>,
): number {
  const seconds = runs.map(({ config, config_hash }) => {
    const limit = runLimitSeconds(config, execution);
    return Math.min(limit, expected_s[config_hash] ?? limit);
  });
  return seconds.reduce((longest, each) => Math.max(longest, each), 0);
}

/** An agent takes a chain at least: one that finds none leaves at once. The nodes have GPUs where this machine has none. */
function mostAgents(plan: Plan, base_dir: string): number {
  const facts = { env: Deno.env.toObject(), base_dir };
  const chains = (has_gpu: boolean): number => studyChains(plan, { ...facts, has_gpu }).length;
  return Math.max(1, chains(true), chains(false));
}

function chosenPartition(partitions: readonly Partition[], options: readonly string[]): Partition | null {
  const name = optionValue(options, "partition", "p") ?? ownVariable("SBATCH_PARTITION") ?? null;
  return partitions.find((each) => name === null ? each.is_default : each.name === name) ?? null;
}
