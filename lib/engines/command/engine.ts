import { resolve } from "node:path";
import { isFile } from "../../base/files.ts";
import { commandObstacles } from "./obstacles.ts";
import { programOf } from "./program_of.ts";
import type { Engine, WorkerLaunch, WorkerRequest } from "../engine.ts";
import { tensorrtSlot } from "../tensorrt/slot.ts";
import { vllmSlot } from "../vllm/slot.ts";
import { lessMemory, ownProgram, startContainerYourself } from "../messages.ts";

/** A worker of the user's own: nothing is known of what it needs. */
export const command: Engine = {
  worker: {
    kind: "user_program",
    instead_of_container: startContainerYourself(),
    launch: launchCommand,
    files: filesOfCommand,
    obstacles: commandObstacles,
    tryOut: (configs, place) => Promise.resolve(commandObstacles(configs, place)),
    check: () => Promise.resolve({ status: "ok", detail: ownProgram(), remedy: null }),
  },
  gpus: () => ({ kind: "unknown" }),
  waitsForGate: ({ command: section }) => section?.waits_for_gate === true,
  dropped_variables: [],
  // It may stand on any engine. Its own threads it chooses by what every slot is given.
  slot_variables: (_, slot) => {
    const { ours, defaults: { OMP_NUM_THREADS: _threads, ...defaults } } = vllmSlot(slot);
    const also = tensorrtSlot(slot);
    return { ours: { ...ours, ...also.ours }, defaults: { ...defaults, ...also.defaults } };
  },
  failures: {
    less_memory: lessMemory(),
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
