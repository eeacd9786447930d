import { resolve } from "node:path";
import { expandHome } from "../../base/expand_home.ts";
import { isFile } from "../../base/files.ts";
import { resolveProgram } from "../../process/resolve_program.ts";
import type { Engine, WorkerLaunch, WorkerRequest } from "../engine.ts";

/** A worker of the user's own: nothing is known of what it needs. */
export const command: Engine = {
  worker: {
    kind: "user_program",
    instead_of_container:
      'Take the line out, and start the container yourself: command: { argv: [docker, run, --rm, "-i", IMAGE, ...] }.',
    launch: launchCommand,
    files: filesOfCommand,
    check: () => Promise.resolve({ status: "ok", detail: "your own program as the worker", remedy: null }),
  },
  gpus: () => ({ kind: "unknown" }),
  dropped_variables: [],
  failures: {
    less_memory: "use a smaller model, batch or context, or a device with more memory",
    explainsItself: () => false,
    options: {},
    gpu_memory_rules: [],
  },
};

function launchCommand({ config, env, base_dir }: WorkerRequest): WorkerLaunch {
  const { argv: [name = "", ...args], env: own } = config.command ?? { argv: [], env: {} };
  const whole = { ...env, ...own };
  const program = programOf(name, base_dir, whole);
  if (program.path === null) {
    return { kind: "failed", failure: { errno: program.errno, message: program.message } };
  }
  return { kind: "process", spec: { program: program.path, args, cwd: base_dir, env: whole } };
}

/** The program, and every argument that names a file. */
function filesOfCommand(
  { config, env, base_dir }: Pick<WorkerRequest, "config" | "env" | "base_dir">,
): string[] {
  const { argv: [name = "", ...args], env: own } = config.command ?? { argv: [], env: {} };
  const { path } = programOf(name, base_dir, { ...env, ...own });
  return [...path === null ? [] : [path], ...args.map((arg) => resolve(base_dir, arg))].filter(isFile);
}

function programOf(
  name: string,
  baseDir: string,
  env: WorkerRequest["env"],
): ReturnType<typeof resolveProgram> {
  return resolveProgram(expandHome(name, env), { baseDir, searchPath: env["PATH"] ?? "/usr/bin:/bin" });
}
