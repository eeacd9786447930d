import { dirname, resolve } from "node:path";
import { expandHome, pathFrom } from "../base/expand_home.ts";
import { type Issue } from "../base/issue.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { makePlan } from "../plan/make_plan.ts";
import type { Plan } from "../plan/plan.ts";
import { completeFlags } from "../study/complete_flags.ts";
import { readLayers } from "../study/read_study.ts";
import { likelyMeters } from "../metering/start_meter.ts";
import { hideQuoted, type StudySecrets, withoutSecrets } from "../study/find_secrets.ts";
import type { Layers } from "../study/layered_tree.ts";
import type { Study } from "../study/study.ts";
import { NO_USER_CONFIG, type UserConfig } from "../study/user_config.ts";
import { ALL_DEVICES } from "../host/visible_boards.ts";
import { countPrompts } from "./count_prompts.ts";
import { elsewhereByName } from "./find_servers.ts";
import { demandIssues, type DemandPlace, demandsOf } from "./parallel/demands.ts";
import { gapFacts } from "./plan_facts.ts";
import type { StudyRequest } from "./run_request.ts";
import { assumedSettings, modelAsStudy } from "./messages.ts";
import { REAL_FILES, type StudyFiles } from "./study_files.ts";
import { isModel } from "./study_or_model.ts";
import { untilMetricIssues } from "./until/metrics.ts";
import { loadUserConfig } from "./user_config.ts";

/** Where study directories go where neither the command line nor the user's configuration says. */
export const RESULTS_DIR = "results";

/** What a study request came to. */
export interface PlanReading {
  /** Null exactly when there are issues. */
  readonly plan: Plan | null;
  /** Null where the study itself does not check. */
  readonly study: Study | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
  /** What a command line without a study file left open, as one line for people; null where it left nothing open. */
  readonly assumed: string | null;
  /** All that the study was made from. */
  readonly layers: Layers;
  /** True where something in the study looks like a secret. */
  readonly holds_secrets: boolean;
  /** The study file as it was given; for a study from flags, those as JSON. */
  readonly text: Uint8Array<ArrayBuffer>;
  /** Absolute folder in which the study's relative paths start. */
  readonly base_dir: string;
  /** Folder for study directories where the command line names none. */
  readonly results_dir: string;
  /** True where study directories are for their owner alone. */
  readonly private_files: boolean;
}

/**
 * Opens the study file and takes it all the way to a plan. Mistakes come back as issues. `files` is what is read: those that
 * are there, or those that were kept.
 */
export function readPlan(request: StudyRequest, files: StudyFiles = REAL_FILES): PlanReading {
  const env = Deno.env.toObject();
  const user = loadUserConfig(env, files);
  const config = user.config ?? NO_USER_CONFIG;
  const reading = readLayered(request, config, files);
  return {
    ...reading,
    plan: user.config === null ? null : reading.plan,
    issues: [...reading.issues, ...user.issues],
    warnings: [...reading.warnings, ...user.warnings],
    private_files: config.private_files,
    results_dir: expandHome(config.results_dir ?? RESULTS_DIR, env),
  };
}

function readLayered(
  { file, overrides: given }: StudyRequest,
  user: UserConfig,
  files: StudyFiles,
): Omit<PlanReading, "results_dir" | "private_files"> {
  if (file === null) {
    const env = Deno.env.toObject();
    const base_dir = files.folder();
    const { overrides, assumed } = completeFlags(
      given,
      (path, most) => countPrompts(pathFrom(base_dir, path, env), most),
    );
    const flags = Object.fromEntries(
      overrides.map(({ path, ...rest }) => [path, "text" in rest ? rest.text : rest.value]),
    );
    const text = new TextEncoder().encode(`${JSON.stringify(flags, null, 2)}\n`);
    const planning = toPlan({ source: null, overrides, user }, base_dir);
    return { ...planning, assumed: assumedSettings(assumed), text, base_dir };
  }
  const base_dir = dirname(resolve(file));
  const env = Deno.env.toObject();
  const isNoStudy = isModel(file);
  // A model is not read: it may be larger than memory.
  const bytes = isNoStudy ? { trouble: "" } : files.read(resolve(file));
  if ("trouble" in bytes) {
    const text = isNoStudy ? modelAsStudy(file) : { message: bytes.trouble, hint: null };
    const issue = { file, line: null, column: null, path: "", ...text };
    const layers = { source: null, overrides: given, user };
    return {
      plan: null,
      study: null,
      issues: [issue],
      warnings: [],
      assumed: null,
      layers,
      holds_secrets: false,
      text: new Uint8Array(),
      base_dir,
    };
  }
  const source = {
    file,
    text: bytes,
    readFile: (path: string) => files.read(pathFrom(base_dir, path, env)),
  };
  return { ...toPlan({ source, overrides: given, user }, base_dir), assumed: null, text: bytes, base_dir };
}

function toPlan(
  layers: Layers,
  base_dir: string,
): Pick<PlanReading, "plan" | "study" | "issues" | "warnings" | "layers" | "holds_secrets"> {
  const { study, issues, warnings, secrets } = readLayers(layers);
  const holds_secrets = secrets.texts.length > 0;
  if (study === null) {
    return { plan: null, study, issues, warnings, layers, holds_secrets };
  }
  const { metering } = layers.user;
  const { devices } = study.execution;
  const env = Deno.env.toObject();
  const isElsewhere = elsewhereByName();
  let isMetered: boolean | null = null;
  const hasMeter = (config: ExperimentConfig): boolean =>
    !isElsewhere(config) && (isMetered ??= likelyMeters(env).length > 0);
  const planning = makePlan(study, { ...gapFacts({ env, base_dir, devices }), metering, hasMeter });
  const metrics = planning.plan === null
    ? { issues: [], warnings: [] }
    : untilMetricIssues(study, planning.plan, hasMeter);
  const placement = planning.plan === null ? [] : placementIssues(study, planning.plan, { env, base_dir });
  const isRight = metrics.issues.length === 0 && placement.length === 0;
  const shown = (all: readonly Issue[]): Issue[] => all.map((issue) => withoutSecrets(issue, secrets));
  return {
    plan: planning.plan === null || !isRight ? null : withShownReasons(planning.plan, secrets),
    study,
    issues: shown([...planning.issues, ...metrics.issues, ...placement]),
    warnings: [...warnings, ...shown([...planning.warnings, ...metrics.warnings])],
    layers,
    holds_secrets,
  };
}

/** Runs that could not be placed on boards, as far as the study alone tells. */
function placementIssues(study: Study, plan: Plan, place: DemandPlace): Issue[] {
  const { parallel, devices } = plan.execution;
  if (parallel === "off" || parallel === "auto") return [];
  const n_boards = devices.length === 0 || devices.includes(ALL_DEVICES) ? null : devices.length;
  return demandIssues(study, plan, demandsOf(plan, place), n_boards);
}

/** Why a point is left out may quote what it was given. */
function withShownReasons(plan: Plan, { texts }: StudySecrets): Plan {
  if (texts.length === 0) return plan;
  const skipped = plan.skipped.map((point) => ({ ...point, reason: hideQuoted(point.reason, texts) }));
  return { ...plan, skipped };
}
