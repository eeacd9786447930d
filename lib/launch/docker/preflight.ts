import type { ExperimentConfig } from "../../experiment/config.ts";
import type { Image } from "../../experiment/inputs.ts";
import { boardNamed, type Boards, boardsListed, cudaName, isSlice } from "../../host/boards.ts";
import { readGpus } from "../../host/gpus.ts";
import { namesVisible, withoutAll } from "../../host/visible_boards.ts";
import type { Plan } from "../../plan/plan.ts";
import { callDocker, type DockerCli } from "../../process/docker.ts";
import { distinctConfigs } from "../../results/varied.ts";
import { runnerOf } from "../../study/runners.ts";
import { hasNvidiaGpu } from "./gpus.ts";
import { findImages } from "./find_images.ts";
import { wantedImages } from "./images.ts";
import { probeContainers } from "./probe.ts";
import { readSharedMemory } from "./shared_memory.ts";
import { findDocker } from "./program.ts";
import type { DockerHost } from "./host.ts";
import { daemonUnreachable, noGpuForContainers } from "./messages.ts";

/** A daemon that does not answer at once is not at work. */
const LIMIT_MS = 10_000;

/** What is known before the first run. */
export interface DockerPreparation {
  /** Null where no run needs docker, or where it cannot be had. */
  readonly docker: DockerHost | null;
  /** What keeps runs from their containers, one sentence each. */
  readonly problems: readonly string[];
}

/** What it is prepared with. */
export interface PreparationContext {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** What a study that is gone on with began with, by backend. */
  readonly images?: ReadonlyMap<string, Image>;
  /** The boards, as far as they are known; left out for those that the driver lists. */
  readonly machine?: Boards;
}

/** Makes sure of docker, of every image that the runs need, and that a container of each can do its work. */
export async function prepareDocker(
  plan: Pick<Plan, "runs" | "runners" | "execution">,
  context: PreparationContext,
): Promise<DockerPreparation> {
  const { images: wanted, problems: unable } = wantedImages(plan, context.env);
  if (wanted.size === 0) return { docker: null, problems: unable };
  const memory = readSharedMemory(context.env);
  const problems = "problem" in memory ? [...unable, memory.problem] : unable;
  if ("problem" in memory) return { docker: null, problems };
  const found = findDocker(context.env);
  if ("problem" in found) return { docker: null, problems: [...problems, found.problem] };
  const server = await askServer(found.cli);
  if ("problem" in server) return { docker: null, problems: [...problems, server.problem] };
  const images = await findImages(found.cli, wanted, context);
  const gpus = readGpus();
  const { rootless } = server;
  const host = {
    ...server,
    cli: found.cli,
    images: images.found,
    gpus,
    nvidia: hasNvidiaGpu(gpus),
    shared_memory: memory.size,
    raises_limits: !rootless,
  };
  if (!host.nvidia) context.say(noGpuForContainers());
  const configs = distinctConfigs(plan.runs);
  const devices = containerDevices(plan, context.env, context.machine ?? boardsListed(gpus));
  const question = { ...context, devices, visible: context.env["CUDA_VISIBLE_DEVICES"] };
  const probe = await probeContainers(configs, host, question);
  return { docker: probe.docker, problems: [...problems, ...images.problems, ...probe.problems] };
}

/**
 * The devices of a container, by what they are called whoever counts: docker counts those of the machine, whatever a Slurm
 * job leaves to this process, and knows no addresses on the PCI bus.
 */
function containerDevices(
  { execution }: Pick<Plan, "execution">,
  env: PreparationContext["env"],
  machine: Boards,
): readonly string[] {
  const { devices } = execution;
  const ofJob = env["SLURM_JOB_ID"] === undefined ? [] : namesVisible(env, machine) ?? [];
  const names = devices.length > 0 ? withoutAll(devices, env, machine) : ofJob;
  return names.map((name) => {
    const board = isSlice(name) ? null : boardNamed(name, machine);
    return board === null ? name : cudaName(board);
  });
}

/** True for an experiment whose worker is started on this machine. */
export function isLocal({ backend }: ExperimentConfig, { runners }: Pick<Plan, "runners">): boolean {
  return runnerOf(runners, backend).type === "local";
}

/** How the daemon runs, or why it does not answer. */
export async function askServer(
  cli: DockerCli,
): Promise<
  Pick<DockerHost, "rootless" | "selinux"> & { readonly version: string } | { readonly problem: string }
> {
  const args = ["version", "--format", "{{.Server.Version}}"];
  const { code, stdout, words } = await callDocker(cli, args, { limit_ms: LIMIT_MS });
  if (code !== 0) {
    return {
      problem: daemonUnreachable(words),
    };
  }
  const info = await callDocker(cli, ["info", "--format", "{{json .SecurityOptions}}"], {
    limit_ms: LIMIT_MS,
  });
  const has = (option: string): boolean => info.stdout.includes(`"name=${option}`);
  return { version: stdout.trim(), rootless: has("rootless"), selinux: has("selinux") };
}
