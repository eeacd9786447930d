import { ENGINES } from "../../engines/engines.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import type { Image } from "../../experiment/inputs.ts";
import { callDocker, type DockerAnswer } from "../../process/docker.ts";
import type { Probe } from "../../python/known_facts.ts";
import { judgeProbe } from "../../python/probe.ts";
import type { OldestReleases } from "../../python/python_needs.ts";
import { shortfall } from "../../python/shortfall.ts";
import { probeText } from "../../python/worker_files.ts";
import { commonArguments, imagePython } from "./launch.ts";
import type { DockerHost } from "./host.ts";
import {
  containerNotStartable,
  containerWithoutGpus,
  driverTooOld,
  imageNeedsGpu,
  imagePythonLacks,
  imagePythonNotUsable,
  imageReady,
  limitsNotRaised,
} from "./messages.ts";

/** A container that is slow to come up for the first time from an image of many GB. */
const LIMIT_MS = 120_000;

/** What is asked of the containers of a study. */
export interface ContainerQuestion {
  /** As the study names them. */
  readonly devices: readonly string[];
  /** CUDA_VISIBLE_DEVICES. */
  readonly visible: string | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * The settings by which containers start, and what keeps images from running their experiments, one sentence
 * each.
 */
export interface ContainerProbe {
  readonly docker: DockerHost;
  readonly problems: readonly string[];
}

/**
 * Starts a container of every image that experiments run in, with the GPUs that its runs get, and asks its
 * interpreter what it has.
 */
export async function probeContainers(
  configs: readonly ExperimentConfig[],
  host: DockerHost,
  question: ContainerQuestion,
): Promise<ContainerProbe> {
  let docker = host;
  const problems: string[] = [];
  // One after the other: each may take a GPU.
  for (const need of needsOf(configs, docker)) {
    let answer = await ask(need, docker, question);
    if (answer.code === DOCKER_FAILED && docker.raises_limits) {
      const modest = { ...docker, raises_limits: false };
      const again = await ask(need, modest, question);
      if (again.code !== DOCKER_FAILED) {
        question.say(limitsNotRaised());
        [docker, answer] = [modest, again];
      }
    }
    if (question.signal.aborted) return { docker, problems };
    const problem = answer.code === DOCKER_FAILED
      ? await startProblem(need, answer, docker, question)
      : probeProblem(need, probeOf(answer), docker, question.say);
    if (problem !== null) problems.push(problem);
  }
  return { docker, problems };
}

function probeOf({ code, stdout, words }: DockerAnswer): Probe {
  return judgeProbe({ out: stdout, err: words }, { code, signal: null });
}

/** The exit code by which docker says that it could not start a container. */
const DOCKER_FAILED = 125;

/** An interpreter of an image and the modules that its runs need. */
interface Need {
  readonly image: Image;
  readonly python: string;
  readonly modules: readonly string[];
  readonly oldest: OldestReleases;
  /** The usual build of the engine runs nowhere but on a GPU. */
  readonly needs_gpu: boolean;
}

function needsOf(configs: readonly ExperimentConfig[], { images }: DockerHost): Need[] {
  const needs = new Map<string, Need>();
  for (const config of configs) {
    const image = images.get(config.backend);
    const { worker } = ENGINES[config.backend];
    if (image === undefined || worker?.kind !== "python") continue;
    const python = imagePython(config, worker);
    const { modulesOf, oldest, other_builds } = worker.python;
    const key = `${image.id} ${python}`;
    const modules = [...new Set([...needs.get(key)?.modules ?? [], ...modulesOf(config)])];
    const needs_gpu = other_builds !== undefined || needs.get(key)?.needs_gpu === true;
    needs.set(key, {
      image,
      python,
      modules,
      oldest: { ...needs.get(key)?.oldest, ...oldest },
      needs_gpu,
    });
  }
  return [...needs.values()];
}

async function ask(
  { image, python }: Need,
  docker: DockerHost,
  { devices, visible, signal }: ContainerQuestion,
): Promise<DockerAnswer> {
  const common = commonArguments(docker, devices, visible);
  const args = ["run", ...common, "--network", "none", "--entrypoint", python, image.id, "-c", probeText()];
  return await callDocker(docker.cli, args, { limit_ms: LIMIT_MS, signal });
}

/** Docker could not start it. Whether that is about the GPUs one without them tells, not its words. */
async function startProblem(
  need: Need,
  { words }: DockerAnswer,
  docker: DockerHost,
  question: ContainerQuestion,
): Promise<string> {
  const { name } = need.image;
  // The toolkit holds what an image says that it needs against the driver.
  const cuda = /unsatisfied condition: cuda\s*>=\s*([\d.]+)/.exec(words)?.[1];
  if (cuda !== undefined) return driverTooOld(name, cuda);
  const plain = docker.nvidia ? await ask(need, { ...docker, nvidia: false }, question) : null;
  return plain === null || plain.code === DOCKER_FAILED
    ? containerNotStartable(name, words)
    : containerWithoutGpus(name, words);
}

/** What keeps runs from the image that answered so. What it has is told where nothing does. */
function probeProblem(
  { image: { name }, python, modules, oldest, needs_gpu }: Need,
  probe: Probe,
  { nvidia }: DockerHost,
  say: (line: string) => void,
): string | null {
  if ("trouble" in probe) return imagePythonNotUsable(python, name, probe.trouble);
  const { facts } = probe;
  const lacks = shortfall(modules, facts, oldest);
  if (lacks !== null) return imagePythonLacks(python, name, lacks);
  if (needs_gpu && !nvidia && (facts.torch_build?.cuda ?? null) !== null) return imageNeedsGpu(name);
  say(imageReady(name, facts.version, modules.map((module) => `${module} ${facts.packages[module]}`)));
  return null;
}
