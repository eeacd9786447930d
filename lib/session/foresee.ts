import { resolve } from "node:path";
import type { Issue } from "../base/issue.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { EXIT } from "../base/refusal.ts";
import { boardsListed } from "../host/boards.ts";
import { hasGpu } from "../host/environment.ts";
import { readGpus } from "../host/gpus.ts";
import { foreseenInputProblems } from "../inputs/foreseen_inputs.ts";
import { wantedImages } from "../launch/docker/images.ts";
import { askServer, isLocal } from "../launch/docker/preflight.ts";
import { findDocker } from "../launch/docker/program.ts";
import { readSharedMemory } from "../launch/docker/shared_memory.ts";
import { foreseenProblems, launchAdvice, type LaunchQuestion, preflight } from "../launch/launch.ts";
import type { Plan } from "../plan/plan.ts";
import { distinctConfigs } from "../results/varied.ts";
import { collecting } from "./collecting.ts";
import { contain } from "./contain.ts";
import { refusedByRun } from "./messages.ts";
import { unknownDevices } from "./boards/named_boards.ts";
import { refuseMissingMeters } from "./open_metering.ts";
import type { CheckedReading } from "./open_session.ts";
import { machineProblems, pathProblem } from "./open_study.ts";

type Env = Readonly<Record<string, string>>;

/** How closely a plan is looked at. */
export interface Foresight {
  /** The study file as the user named it; null where flags alone make the study. */
  readonly file: string | null;
  /** Where results would go as the command line says; null for the usual folder. */
  readonly output: string | null;
  /** Start what a run would load as well: any interpreter, engines, the meter, docker's client. */
  readonly thorough: boolean;
}

/** What was found before a run. */
export interface Foreseen {
  /** What a run would be refused for on this machine, and what a user should know of one that would not. */
  readonly warnings: readonly Issue[];
  /** True where a run would be refused. */
  readonly refused: boolean;
}

/**
 * Looks at what a run of this plan would meet on this machine. Unless `thorough`, files are read and at most the Python
 * interpreter of this environment is asked what it has. Of the network only servers that the study names by their address
 * are asked, and nothing is written but what an engine unpacks into the user's cache.
 */
export async function foresee(
  { plan, base_dir, results_dir }: Pick<CheckedReading, "plan" | "base_dir" | "results_dir">,
  { file, output, thorough }: Foresight,
): Promise<Foreseen> {
  const env = Deno.env.toObject();
  const configs = distinctConfigs(plan.runs);
  const question = {
    base_dir,
    env,
    results: resolve(output ?? results_dir),
    isLocal: (config: ExperimentConfig) => isLocal(config, plan),
  };
  const inputs = await foreseenInputProblems(configs, { base_dir, env });
  const problems = [
    ...await machineAndWorkers(plan, configs, question, thorough),
    ...await dockerProblems(plan, env, thorough),
    ...inputs.problems,
  ];
  const texts = [
    ...problems.map(refusedByRun),
    ...await launchAdvice(configs, question, hasGpu()),
    ...inputs.notes,
  ];
  const place = { file, line: null, column: null, path: "", hint: null };
  return { warnings: texts.map((message) => ({ ...place, message })), refused: problems.length > 0 };
}

async function machineAndWorkers(
  plan: Plan,
  configs: readonly ExperimentConfig[],
  question: LaunchQuestion & { readonly results: string },
  thorough: boolean,
): Promise<string[]> {
  const path = pathProblem(question.results);
  const problems = path === null ? [] : [path];
  if (!thorough) {
    return [...problems, ...listedDevices(plan, question.env), ...await foreseenProblems(configs, question)];
  }
  await collecting(problems, () => contain(plan.execution.containment));
  await collecting(
    problems,
    () => refuseMissingMeters(plan, question.env, new AbortController().signal),
    [EXIT.preflight, EXIT.usage],
  );
  return [...problems, ...await machineProblems(), ...await preflight(configs, question)];
}

/** Devices that are not here, as far as /proc tells: in a Slurm job only NVML knows how its boards are counted. */
function listedDevices({ execution }: Plan, env: Env): string[] {
  return env["SLURM_JOB_ID"] === undefined ? unknownDevices(execution.devices, boardsListed(readGpus())) : [];
}

/** Whether images are there is left to the run, which gets them. */
async function dockerProblems(plan: Plan, env: Env, thorough: boolean): Promise<readonly string[]> {
  const { images, problems: unable } = wantedImages(plan, env);
  if (images.size === 0) return unable;
  const memory = readSharedMemory(env);
  const problems = "problem" in memory ? [...unable, memory.problem] : unable;
  const found = findDocker(env);
  if ("problem" in found) return [...problems, found.problem];
  const server = thorough ? await askServer(found.cli) : null;
  return server !== null && "problem" in server ? [...problems, server.problem] : problems;
}
