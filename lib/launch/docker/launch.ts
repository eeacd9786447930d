import { sha256Hex } from "../../base/canonical_json.ts";
import type { PythonWorker } from "../../engines/engine.ts";
import { ENGINES } from "../../engines/engines.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import type { Image } from "../../experiment/inputs.ts";
import type { Affinity } from "../../process/affinity.ts";
import { removeContainers } from "../../process/container.ts";
import { namedInterpreter } from "../../python/python_needs.ts";
import type { AttemptRequest, Launch } from "../attempt_request.ts";
import { CONTAINER_HOME, environmentArguments } from "./environment.ts";
import { gpuArguments } from "./gpus.ts";
import { mountArguments } from "./mounts.ts";
import { offlineVariables } from "./offline.ts";
import { absolutePaths, cacheFolders, hubFolders, ownCaches, runMounts } from "./paths.ts";
import type { DockerHost } from "./host.ts";
import { sharedMemoryArguments } from "./shared_memory.ts";

/** The interpreter of an image, where the study names none. */
const IMAGE_PYTHON = "python3";

/** What the worker of a configuration finds in its container. */
interface Inside {
  readonly image: Image;
  readonly interpreter: string;
  /** Variables that its engine reads. */
  readonly passed: RegExp;
}

function insideOf(config: ExperimentConfig, { images }: DockerHost): Inside {
  const image = images.get(config.backend);
  const { worker } = ENGINES[config.backend];
  if (image === undefined || worker?.kind !== "python") {
    throw new Error(`Preflight found no image for backend ${config.backend}`);
  }
  return { image, interpreter: imagePython(config, worker), passed: worker.passed_variables };
}

/** The interpreter that a configuration is run by inside its image. */
export function imagePython(config: ExperimentConfig, { python }: PythonWorker): string {
  return namedInterpreter(config, python.field) ?? IMAGE_PYTHON;
}

/** What containers of a study are known by. */
export function studyLabels(studyDir: string): Readonly<Record<string, string>> {
  return { "llem.study": studyDir };
}

/** What the containers of one run of a study are known by, whatever the attempt. */
export function runLabels(studyDir: string, runId: string): Readonly<Record<string, string>> {
  return { ...studyLabels(studyDir), "llem.run": runId };
}

/** What a run in a container is started with. */
export interface ContainerLaunch {
  readonly docker: DockerHost;
  /** The worker's main module, inside the study directory. */
  readonly main: string;
  /** Real path of the study directory. */
  readonly study_dir: string;
  /** For the docker program; what the worker gets of it docker takes from there. */
  readonly env: Readonly<Record<string, string>>;
  /** Where llem was started. */
  readonly cwd: string;
  /** What the container is kept to of the machine; null or left out for all. */
  readonly affinity?: Affinity | null;
}

/**
 * How a run of a Python backend is started in a container: the docker program in the worker's place,
 * speaking for it.
 */
export function launchContainer(
  request: AttemptRequest,
  { docker, main, study_dir, env: outside, cwd, affinity = null }: ContainerLaunch,
): Launch {
  const { run, run_id, attempt, folder } = request;
  const { image, interpreter, passed } = insideOf(run.config, docker);
  const env = withHubFolders({ ...ownCaches(study_dir), ...outside }, cwd);
  Object.assign(env, offlineVariables(request, outside));
  const labels = { ...runLabels(study_dir, run_id), "llem.attempt": String(attempt) };
  // Anybody's own stays outside.
  const ofSlot = request.place?.own === undefined ? [] : ["MASTER_PORT"];
  const name = containerName(study_dir, run_id, attempt);
  const args = [
    "run",
    ...["--name", name],
    ...Object.entries(labels).flatMap(([label, value]) => ["--label", `${label}=${value}`]),
    ...commonArguments(docker, request.devices, outside["CUDA_VISIBLE_DEVICES"]),
    ...cpuArguments(affinity),
    ...["--workdir", folder.path],
    ...mountArguments(runMounts(request, { study_dir, env })),
    ...environmentArguments(env, ["LLEM_ATTEMPT_ID", ...ofSlot], passed),
    ...["--entrypoint", interpreter],
    image.id,
    ...["-B", main],
  ];
  const remove = async (limitMs: number): Promise<string | null> =>
    (await removeContainers(docker.cli, labels, limitMs)).trouble;
  return {
    spec: { program: docker.cli.program, args, cwd: folder.path, env },
    container: {
      name,
      image: image.name,
      image_id: image.id,
      ...image.digest === undefined ? {} : { image_digest: image.digest },
      remove,
    },
  };
}

/** A container's processes are no children of ours. Memory of a node cannot be preferred there, only be all that there is. */
export function cpuArguments(affinity: Affinity | null): string[] {
  return affinity === null || affinity.cpus === null ? [] : ["--cpuset-cpus", affinity.cpus.join(",")];
}

/** The options that every container of ours has, the probe before the study included. */
export function commonArguments(
  { gpus, nvidia, rootless, raises_limits, selinux, shared_memory }: DockerHost,
  devices: readonly string[],
  visible: string | undefined,
): string[] {
  // In a rootless daemon's containers root is the user, and any other id is nobody's.
  const user = rootless ? [] : ["--user", `${Deno.uid()}:${Deno.gid()}`];
  return [
    "--rm",
    "--interactive",
    // The first process of a container ignores what would kill it, SIGKILL of its own included: that must
    // not be the worker.
    "--init",
    // The image was made sure of before the study; pulling takes minutes that are nobody's limit.
    ...["--pull", "never"],
    // What comes out is kept in the run's folder, and need not be kept by docker again.
    ...["--log-driver", "none"],
    ...sharedMemoryArguments(shared_memory),
    ...(raises_limits ? ["--ulimit", "memlock=-1", "--ulimit", "stack=67108864"] : []),
    ...user,
    ...(selinux ? ["--security-opt", "label=disable"] : []),
    ...["--tmpfs", `${CONTAINER_HOME}:rw,exec,mode=1777`],
    ...(nvidia ? gpuArguments(devices, { visible, gpus }) : []),
  ];
}

/** The name of an attempt's container: the same for everybody who knows the attempt, and nobody else's. */
function containerName(studyDir: string, runId: string, attempt: number): string {
  const run = runId.replaceAll(/[^\w.-]/g, "-").slice(0, 100);
  return `llem-${sha256Hex(studyDir).slice(0, 12)}-${run}-a${attempt}`;
}

/** The environment with the folders of the hub and of caches, which are there afterwards, to be mounted. */
export function withHubFolders(
  outside: Readonly<Record<string, string>>,
  cwd: string,
): Record<string, string> {
  const env = absolutePaths(outside, cwd);
  for (const folder of [...hubFolders(env), ...cacheFolders(env)]) {
    try {
      Deno.mkdirSync(folder, { recursive: true });
    } catch {
      // Then there is nothing to mount, and the engine says what it cannot write.
    }
  }
  return env;
}
