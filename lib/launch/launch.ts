/**
 * lib/launch owns how a worker is started: the program, its environment, its container. It spawns nothing itself.
 */
import { isFolder } from "../base/files.ts";
import { unreachable } from "../base/unreachable.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { SelfProgram } from "../host/self_program.ts";
import { resolveProgram } from "../process/resolve_program.ts";
import { pythonProblems, type PythonQuestion } from "../python/python_problems.ts";
import type { AttemptRequest, Launch, Launcher } from "./attempt_request.ts";
import { launchContainer } from "./docker/launch.ts";
import type { DockerSetting } from "./docker/setting.ts";
import { launchPython } from "./python.ts";

/** Read by libraries we start; what the user's shell holds there would change or break a run behind our back. */
const DROPPED = ["GGML_BACKEND_PATH", "LLEM_RUN_ID", "LLEM_ATTEMPT", "LLEM_RUN_DIR", "LLEM_STUDY_DIR"];

/** What every worker of a study is started with. */
export interface LaunchSetting {
  /** This program, pinned for the study. */
  readonly self: SelfProgram;
  /** Main module of the Python worker; null where no run needs it. */
  readonly python_main: string | null;
  /** Real path. */
  readonly study_dir: string;
  /** What runs in containers are started with; null where none is. */
  readonly docker: DockerSetting | null;
  /** The environment at the start of the study: the same for all runs. */
  readonly env: Readonly<Record<string, string>>;
}

/** Knows for every backend which program to start, where and with which environment. */
export function makeLaunch(setting: LaunchSetting): Launcher {
  const inherited = Object.fromEntries(
    Object.entries(setting.env).filter(([name]) => !DROPPED.includes(name)),
  );
  const cwd = Deno.cwd();
  return (request) => {
    const env = { ...inherited, ...runEnvironment(setting, request) };
    const { config } = request.run;
    switch (config.backend) {
      case "command":
        return launchCommand(config, env, request.base_dir);
      case "llamacpp": {
        const { program, args } = setting.self;
        // A failed assertion would otherwise start a debugger on the worker.
        const engineEnv = { ...env, GGML_NO_BACKTRACE: "1" };
        return { spec: { program, args: [...args, "__worker"], cwd: request.folder.path, env: engineEnv } };
      }
      case "pytorch": {
        const { python_main: main } = setting;
        if (main === null) throw new Error("The Python worker was not written down for a run that needs it");
        const { docker, study_dir } = setting;
        return docker !== null && docker.images.has(config.backend)
          ? launchContainer(request, { docker, main, study_dir, env, cwd })
          : launchPython(config, { main, env, cwd, request });
      }
      case "vllm":
      case "tensorrt":
      case "openai":
        throw new Error(`Preflight let backend ${config.backend} through`);
      default:
        return unreachable(config.backend);
    }
  };
}

function runEnvironment(setting: LaunchSetting, request: AttemptRequest): Record<string, string> {
  const devices = request.devices.join(",");
  return {
    LLEM_RUN_ID: request.run_id,
    LLEM_ATTEMPT: String(request.attempt),
    LLEM_RUN_DIR: request.folder.path,
    LLEM_STUDY_DIR: setting.study_dir,
    // Numbers are those of nvidia-smi, in the order of the bus; CUDA itself would count from the fastest.
    ...(devices === "" ? {} : { CUDA_VISIBLE_DEVICES: devices, CUDA_DEVICE_ORDER: "PCI_BUS_ID" }),
  };
}

function launchCommand(config: ExperimentConfig, env: Record<string, string>, baseDir: string): Launch {
  const { argv: [name = "", ...args], env: own } = config.command ?? { argv: [], env: {} };
  const whole = { ...env, ...own };
  const program = resolveProgram(name, { baseDir, searchPath: whole["PATH"] ?? "/usr/bin:/bin" });
  if (program.path === null) return { failure: { errno: program.errno, message: program.message } };
  return { spec: { program: program.path, args, cwd: baseDir, env: whole } };
}

const WITH_WORKER: readonly ExperimentConfig["backend"][] = ["llamacpp", "pytorch", "command"];

/**
 * What keeps experiments from running on this machine, one sentence each; empty where nothing does. Starts every Python
 * interpreter once, and changes nothing.
 */
export async function preflight(
  configs: readonly ExperimentConfig[],
  place: Omit<PythonQuestion, "cwd"> & {
    /** False for an experiment whose worker runs in a container; left out where all are of this machine. */
    readonly isLocal?: (config: ExperimentConfig) => boolean;
  },
): Promise<string[]> {
  const backends = new Set(configs.map((config) => config.backend));
  const missing = [...backends].filter((backend) => !WITH_WORKER.includes(backend));
  const problems = missing.map((backend) =>
    `This version of llem has no worker for backend "${backend}". ` +
    "Use llamacpp, pytorch, or command with a worker of your own."
  );
  const { base_dir } = place;
  if (!isFolder(base_dir)) {
    problems.push(
      `The folder of the study file, ${base_dir}, is not there any more; its relative paths start there.`,
    );
  }
  const inPython = configs.filter((config) =>
    config.backend === "pytorch" && place.isLocal?.(config) !== false
  );
  return [...problems, ...await pythonProblems(inPython, { ...place, cwd: Deno.cwd() })];
}
