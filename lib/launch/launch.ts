/**
 * lib/launch owns how a worker is started: the program, its environment, its container. It spawns nothing itself.
 */
import { append } from "../base/numbers.ts";
import { isFolder } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { LLEM_VERSION } from "../base/version.ts";
import type { EngineWorker, WorkPlace } from "../engines/engine.ts";
import { ENGINES } from "../engines/engines.ts";
import { LISTED_BACKENDS } from "../engines/listed.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { askedVariables } from "../experiment/worker_variables.ts";
import { revealSecrets } from "../experiment/secrets.ts";
import type { SelfProgram } from "../host/self_program.ts";
import { KEEPS_ENVIRONMENT } from "../process/tagged.ts";
import type { AttemptRequest, Launcher } from "./attempt_request.ts";
import { cpuParts } from "./place/cpu_parts.ts";
import { slotEnvironment, slotTags } from "./place/slot_environment.ts";
import { NO_VARIABLES, type SlotVariables } from "../engines/slot_variables.ts";
import { launchContainer } from "./docker/launch.ts";
import type { DockerHost } from "./docker/host.ts";
import { studyFolderGone, variableMissing } from "./messages.ts";

/** What the user's shell holds there would change or break a run behind our back. */
const DROPPED: ReadonlySet<string> = new Set([
  ...["LLEM_RUN_ID", "LLEM_ATTEMPT", "LLEM_RUN_DIR", "LLEM_STUDY_DIR"],
  ...["LLEM_SLOT", "LLEM_SLOT_PORT", "LLEM_SLOT_CORES"],
  ...LISTED_BACKENDS.flatMap((backend) => ENGINES[backend].dropped_variables),
]);

/** The worker's files are ours, but an interpreter may find others of their name first. */
const SAME_LLEM = { llem_version: LLEM_VERSION };

/** What every worker of a study is started with. */
export interface LaunchContext {
  /** This program, pinned for the study. */
  readonly self: SelfProgram;
  /** Main module of the Python worker; null where no run needs it. */
  readonly python_main: string | null;
  /** Real path. */
  readonly study_dir: string;
  /** What runs in containers are started with; null where none is. */
  readonly docker: DockerHost | null;
  /** The environment at the start of the study: the same for all runs. */
  readonly env: Readonly<Record<string, string>>;
}

/** Knows for every backend which program to start, where and with which environment. */
export function makeLaunch(context: LaunchContext): Launcher {
  const cwd = Deno.cwd();
  return (given) => {
    const config = revealSecrets(given.run.config, given.secrets ?? []);
    const request = { ...given, run: { ...given.run, config } };
    const own = runEnvironment(context, request);
    const engine = ENGINES[config.backend];
    const { place } = request;
    const forEngine = place?.own === undefined ? null : engine.slot_variables?.(config, place.own);
    const env = {
      ...KEEPS_ENVIRONMENT,
      ...slotEnvironment(inheritedBy(request, context.env), place, forEngine ?? NO_VARIABLES),
      ...request.tmp_dir === undefined ? {} : { TMPDIR: request.tmp_dir },
      ...passedVariables(config, context.env),
      ...own,
    };
    const { self, python_main, docker, study_dir } = context;
    const { worker } = engine;
    const { worker: affinity } = cpuParts(place, (engine.server?.(config) ?? null) !== null);
    if (docker?.images.has(config.backend) === true) {
      if (python_main === null) throw new Error("The Python worker was not written down for a container");
      return {
        ...launchContainer(request, { docker, main: python_main, study_dir, env, cwd, affinity }),
        ...SAME_LLEM,
      };
    }
    const { base_dir, folder: { path: run_dir } } = request;
    const launch = worker.launch({ config, env, base_dir, run_dir, cwd, self, python_main });
    if (launch.kind === "failed") return { failure: launch.failure };
    // By these the worker is found again and its energy is its own: whatever an old plan says, they stand.
    const kept = affinity === null ? {} : { affinity };
    const spec = { ...launch.spec, env: { ...launch.spec.env, ...own }, ...kept };
    return { spec, ...worker.kind === "python" ? SAME_LLEM : {} };
  };
}

/**
 * The environment of a server of that run: as its worker's, without what names the run, which it may outlive. `variables` are those
 * that keep it apart from servers of other slots.
 */
export function serverEnvironment(
  { env, study_dir }: LaunchContext,
  { run: { config }, devices, place }: Pick<AttemptRequest, "run" | "devices" | "place">,
  variables: SlotVariables = NO_VARIABLES,
): Record<string, string> {
  const boards = visibleBoards(devices.join(","), env);
  return {
    ...slotEnvironment(inheritedBy({ devices }, env), place, variables),
    ...passedVariables(config, env),
    ...boards,
    LLEM_STUDY_DIR: study_dir,
  };
}

/** The variables that a configuration asks for by name. One that is missing was refused before the first run. */
function passedVariables(
  config: ExperimentConfig,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const named = askedVariables(config).map(({ name }) => [name, env[name]] as const);
  return Object.fromEntries(named.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function runEnvironment(context: LaunchContext, request: AttemptRequest): Record<string, string> {
  const devices = request.devices.join(",");
  return {
    LLEM_RUN_ID: request.run_id,
    LLEM_ATTEMPT: String(request.attempt),
    LLEM_RUN_DIR: request.folder.path,
    LLEM_STUDY_DIR: context.study_dir,
    ...slotTags(request),
    ...visibleBoards(devices, context.env),
  };
}

/** By these, too, programs choose among boards, before or after CUDA_VISIBLE_DEVICES: they go where llem names the boards. */
const OTHER_CHOICES: readonly string[] = [
  "GPU_DEVICE_ORDINAL",
  "HIP_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
];

/** The environment of llem, as far as a worker on these devices gets it. */
function inheritedBy(
  { devices }: Pick<AttemptRequest, "devices">,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const dropped = devices.length === 0 ? DROPPED : new Set([...DROPPED, ...OTHER_CHOICES]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !dropped.has(name)));
}

/** Numbers are those of nvidia-smi, in the order of the bus; CUDA itself would count from the fastest. */
export function visibleBoards(
  devices: string,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const order = { CUDA_DEVICE_ORDER: "PCI_BUS_ID" };
  if (devices !== "") return { CUDA_VISIBLE_DEVICES: devices, ...order };
  const { CUDA_VISIBLE_DEVICES: inherited = "", CUDA_DEVICE_ORDER: own } = env;
  return /\d/.test(inherited) && own === undefined ? order : {};
}

/** What is asked before the first run. */
export interface LaunchQuestion extends Omit<WorkPlace, "cwd" | "results"> {
  /** Absolute folder of the results; null or left out where it is not known. */
  readonly results?: string | null;
  /** False for an experiment whose worker runs in a container; left out where all are of this machine. */
  readonly isLocal?: (config: ExperimentConfig) => boolean;
}

/**
 * What keeps experiments from running on this machine, one sentence each; empty where nothing does. Starts every Python
 * interpreter once, loads engines where that has not been seen to work, and changes nothing.
 */
export async function preflight(
  configs: readonly ExperimentConfig[],
  question: LaunchQuestion,
): Promise<string[]> {
  const problems = generalProblems(configs, question);
  for (const [worker, local] of localWorkers(configs, question)) {
    append(problems, await worker.tryOut(local, placeOf(question)));
  }
  return [...new Set(problems)];
}

/**
 * The part of {@link preflight} that is cheap and safe: files, and what the Python interpreter of this environment says that
 * it has. No engine is loaded, and no program that a study names is started.
 */
export async function foreseenProblems(
  configs: readonly ExperimentConfig[],
  question: LaunchQuestion,
): Promise<string[]> {
  const problems = generalProblems(configs, question);
  for (const [worker, local] of localWorkers(configs, question)) {
    const place = placeOf(question);
    append(problems, await worker.foresee?.(local, place) ?? worker.obstacles(local, place));
  }
  return [...new Set(problems)];
}

/** What a user should know of experiments that can be run on this machine, a sentence each. Starts nothing. */
export async function launchAdvice(
  configs: readonly ExperimentConfig[],
  question: LaunchQuestion,
  has_gpu: boolean,
): Promise<string[]> {
  const place = placeOf(question);
  const workers = localWorkers(configs, question);
  const advice = workers.map(([worker, local]) => worker.advice?.(local, place, has_gpu) ?? []);
  return (await Promise.all(advice)).flat();
}

function placeOf({ env, base_dir, signal, results = null }: LaunchQuestion): WorkPlace {
  return { env, base_dir, cwd: Deno.cwd(), results, ...signal === undefined ? {} : { signal } };
}

/** The workers of this machine with their configurations. */
function localWorkers(
  configs: readonly ExperimentConfig[],
  { isLocal }: LaunchQuestion,
): [EngineWorker, ExperimentConfig[]][] {
  const local = configs.filter((config) => isLocal?.(config) !== false);
  return [...Map.groupBy(local, (config) => config.backend)].map((
    [backend, alike],
  ) => [ENGINES[backend].worker, alike]);
}

function generalProblems(
  configs: readonly ExperimentConfig[],
  { base_dir, env }: LaunchQuestion,
): string[] {
  const problems = isFolder(base_dir) ? [] : [studyFolderGone(base_dir)];
  append(problems, missingVariables(configs, env));
  return problems;
}

/** A sentence for each variable that experiments ask for by name and that is not there. */
function missingVariables(
  configs: readonly ExperimentConfig[],
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const missing = configs.flatMap(askedVariables).filter(({ name }) => env[name] === undefined)
    .map(({ name, field }) => variableMissing(printable(name), field));
  return [...new Set(missing)];
}
