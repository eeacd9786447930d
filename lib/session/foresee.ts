import { resolve } from "node:path";
import type { Issue } from "../base/issue.ts";
import { hasGpu } from "../host/environment.ts";
import { foreseenInputProblems } from "../inputs/foreseen_inputs.ts";
import { wantedImages } from "../launch/docker/images.ts";
import { askServer, isLocal } from "../launch/docker/preflight.ts";
import { findDocker } from "../launch/docker/program.ts";
import { foreseenProblems, launchAdvice, preflight } from "../launch/launch.ts";
import type { Plan } from "../plan/plan.ts";
import { distinctConfigs } from "../results/varied.ts";
import { collecting } from "./collecting.ts";
import { contain } from "./contain.ts";
import { refusedByRun } from "./messages.ts";
import { machineProblems, pathProblem } from "./open_study.ts";
import { refuseMissingMeters } from "./open_metering.ts";
import type { PlanReading } from "./read_plan.ts";

/** How closely a plan is looked at. */
export interface Foresight {
  /** The study file as the user named it; null where flags alone make the study. */
  readonly file: string | null;
  /** Where results would go as the command line says; null for the usual folder. */
  readonly output: string | null;
  /** Start what a run would load as well: interpreters, engines, docker's client. */
  readonly thorough: boolean;
}

/**
 * What a run of this plan would be refused for on this machine, a sentence each; files alone are read unless `thorough`.
 * The network is not asked, and nothing is written but what an engine unpacks into the user's cache.
 */
export async function foreseeProblems(
  { plan, base_dir, results_dir }: Pick<PlanReading, "base_dir" | "results_dir"> & { readonly plan: Plan },
  { output, thorough }: Foresight,
): Promise<string[]> {
  const env = Deno.env.toObject();
  const configs = distinctConfigs(plan.runs);
  const results = resolve(output ?? results_dir);
  const question = {
    base_dir,
    env,
    results,
    isLocal: (config: Plan["runs"][number]["config"]) => isLocal(config, plan),
  };
  const local = thorough ? await preflight(configs, question) : foreseenProblems(configs, question);
  return [
    ...[pathProblem(results)].filter((problem) => problem !== null),
    ...thorough ? [...await machineProblems(), ...await deviceProblems(plan, env)] : [],
    ...local,
    ...await dockerProblems(plan, env, thorough),
    ...await foreseenInputProblems(configs, { base_dir, env }),
  ];
}

/** Warnings of a plan: what a run would be refused for, and what is to be known of one that would not. */
export async function foreseeWarnings(
  reading: Parameters<typeof foreseeProblems>[0],
  foresight: Foresight,
): Promise<{ readonly warnings: readonly Issue[]; readonly refused: boolean }> {
  const { plan, base_dir } = reading;
  const problems = await foreseeProblems(reading, foresight);
  const question = {
    base_dir,
    env: Deno.env.toObject(),
    isLocal: (config: Plan["runs"][number]["config"]) => isLocal(config, plan),
  };
  const advice = launchAdvice(distinctConfigs(plan.runs), question, hasGpu());
  const warnings = [...problems.map(refusedByRun), ...advice].map((message) => ({
    file: foresight.file,
    line: null,
    column: null,
    path: "",
    message,
    hint: null,
  }));
  return { warnings, refused: problems.length > 0 };
}

/** Containment, meters and boards that the study names, as a run would find them. */
async function deviceProblems(plan: Plan, env: Readonly<Record<string, string>>): Promise<string[]> {
  const problems: string[] = [];
  const { signal } = new AbortController();
  await collecting(problems, () => contain(plan.execution.containment));
  await collecting(problems, () => refuseMissingMeters(plan, env, signal));
  return problems;
}

/** Whether images are there is left to the run, which gets them. */
async function dockerProblems(
  plan: Plan,
  env: Readonly<Record<string, string>>,
  thorough: boolean,
): Promise<readonly string[]> {
  const { images, problems } = wantedImages(plan, env);
  if (images.size === 0) return problems;
  const found = findDocker(env);
  if ("problem" in found) return [...problems, found.problem];
  const server = thorough ? await askServer(found.cli) : null;
  return server !== null && "problem" in server ? [...problems, server.problem] : problems;
}
