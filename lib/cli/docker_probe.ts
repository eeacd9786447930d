import type { ExperimentConfig } from "../experiment/config.ts";
import { callDocker, type DockerAnswer } from "../process/docker.ts";
import { missingModules } from "../python/install_command.ts";
import { judgeProbe, type Probe } from "../python/probe.ts";
import { requiredModules } from "../python/requirements.ts";
import { probeText } from "../python/worker_files.ts";
import { commonArguments, IMAGE_PYTHON } from "./docker_launch.ts";
import type { DockerSetting, Image } from "./docker_setting.ts";

/** A container that is slow to come up for the first time from an image of many GB. */
const LIMIT_MS = 120_000;

/** What is asked of the containers of a study. */
export interface ContainerQuestion {
  readonly docker: DockerSetting;
  /** As the study names them. */
  readonly devices: readonly string[];
  /** CUDA_VISIBLE_DEVICES. */
  readonly visible: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * What keeps the images of a study from running its experiments, found by starting a container of each with the GPUs
 * that its runs get: one sentence for every interpreter of an image.
 */
export async function containerProblems(
  configs: readonly ExperimentConfig[],
  question: ContainerQuestion,
): Promise<string[]> {
  const needs = new Map<string, { image: Image; python: string; modules: Set<string> }>();
  for (const config of configs) {
    const image = question.docker.images.get(config.backend);
    if (image === undefined) continue;
    const python = config.pytorch?.python ?? IMAGE_PYTHON;
    const key = `${image.id} ${python}`;
    const modules = new Set([...needs.get(key)?.modules ?? [], ...requiredModules(config)]);
    needs.set(key, { image, python, modules });
  }
  const problems: string[] = [];
  // One after the other: each may take a GPU.
  for (const { image, python, modules } of needs.values()) {
    const problem = await problemOf(image, python, [...modules], question);
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

async function problemOf(
  image: Image,
  python: string,
  modules: readonly string[],
  question: ContainerQuestion,
): Promise<string | null> {
  const answer = await ask(image, python, question);
  if (question.signal.aborted) return null;
  if (answer.code === 125) return await startProblem(image, python, answer, question);
  const probe = judgeProbe({ out: answer.stdout, err: answer.words }, { code: answer.code, signal: null });
  return probeProblem(image, python, modules, probe);
}

async function ask(
  { id }: Image,
  python: string,
  { docker, devices, visible, signal }: ContainerQuestion,
): Promise<DockerAnswer> {
  const common = commonArguments(docker, devices, visible);
  const args = ["run", ...common, "--network", "none", "--entrypoint", python, id, "-c", probeText()];
  return await callDocker(docker.cli, args, { limit_ms: LIMIT_MS, signal });
}

/** Docker could not start it. Whether that is about the GPUs one without them tells, not its words. */
async function startProblem(
  image: Image,
  python: string,
  { words }: DockerAnswer,
  question: ContainerQuestion,
): Promise<string> {
  const { docker } = question;
  const plain = docker.nvidia
    ? await ask(image, python, { ...question, docker: { ...docker, nvidia: false } })
    : null;
  return plain === null || plain.code === 125
    ? `runners: docker cannot start a container of ${image.name}: ${words}`
    : `runners: docker can start a container of ${image.name}, but not with the GPUs of this machine: ${words}. ` +
      "Install the NVIDIA Container Toolkit (nvidia-ctk runtime configure --runtime=docker, then restart docker).";
}

function probeProblem(
  { name }: Image,
  python: string,
  modules: readonly string[],
  probe: Probe,
): string | null {
  const advice = "Name an image that has them: docker:<image> in runners.";
  if ("trouble" in probe) {
    return `runners: ${python} of the image ${name} is no Python that can be used: ${probe.trouble}. ${advice}`;
  }
  const missing = missingModules(modules, probe.facts);
  return missing.length === 0
    ? null
    : `runners: ${python} of the image ${name} lacks ${missing.join(", ")}. ${advice}`;
}
