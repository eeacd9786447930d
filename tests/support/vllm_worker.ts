/** Starts the Python worker with the engine vllm: real runs of a tiny model, in forks of one process or in their own. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../lib/base/json.ts";
import { userCacheFolder } from "../../lib/base/user_cache_folder.ts";
import { type Assignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import { type Need, program, testWith } from "./needs.ts";
import { PYTHON_FOLDER, runForks } from "./python_forks.ts";
import { runAssignment, type RunChanges } from "./python_worker.ts";
import { REAL_PYTHON } from "./pythons.ts";
import { writeTinyLlama } from "./tiny_llama.ts";
import { type ProcessOptions, type Said, WorkerProcess } from "./worker_process.ts";

/** The interpreter that has vLLM where there is one. */
export function testVllmPython(): string {
  return Deno.env.get("LLEM_VLLM_PYTHON") ?? REAL_PYTHON;
}

export const VLLM_PYTHON: Need = program(
  "vLLM (scripts/setup-python with Python 3.11 or newer)",
  testVllmPython(),
  "-c",
  "from importlib.util import find_spec; exit(find_spec('vllm') is None)",
);

/**
 * For llem in tests, over the folder that it gives each study: what vLLM looks up once about a kind of model takes it eight
 * seconds.
 */
export const VLLM_CACHE: Readonly<Record<string, string>> = {
  VLLM_CACHE_ROOT: join(userCacheFolder(Deno.env.toObject()) ?? "/tmp", "llem-tests-vllm"),
};

/** A test that runs a real vLLM. */
export function testWithVllm(name: string, body: () => void | Promise<void>): void {
  testWith([VLLM_PYTHON], name, body);
}

/** A model that vLLM computes on a CPU: its attention knows no heads as narrow as those of other tests. */
export function writeVllmModel(folder: string): string {
  return existsSync(`${folder}/model.safetensors`) ? folder : writeTinyLlama(folder, { headWidth: 32 });
}

/** Changes to the assignment that most tests start from. */
export interface VllmChanges extends RunChanges {
  /** Fields of `vllm.engine`, over those that a tiny run on a CPU needs. */
  readonly engine?: JsonObject;
  /** Further parts of the section `vllm`. */
  readonly vllm?: JsonObject;
}

/** What keeps a run of a tiny model on a CPU short. */
const TINY: JsonObject = { enforce_eager: true, kv_cache_memory_bytes: 100_000_000, max_model_len: 256 };

/** A greedy run in full precision of 3 short synthetic prompts on the model in a folder, with changes. */
export function vllmAssignment(model: string, changes: VllmChanges = {}): Assignment {
  const { engine, vllm, ...others } = changes;
  return runAssignment(model, { backend: "vllm", vllm: { engine: { ...TINY, ...engine }, ...vllm } }, others);
}

/** Runs assignments one after the other, each in a fork of one process that has imported vLLM. See `runForks`. */
export function runVllmMany(assignments: readonly Assignment[]): Promise<Said[]> {
  return runForks({ python: testVllmPython(), imports: IMPORTS, env: ENVIRONMENT }, assignments);
}

/** Runs one assignment to its end in a process of its own, as llem does. */
export async function runVllm(
  assignment: Assignment,
  onFrame: ProcessOptions["onFrame"] = () => {},
): Promise<Said> {
  const argv = [testVllmPython(), `${PYTHON_FOLDER}/main.py`];
  await using worker = new WorkerProcess({ argv, env: ENVIRONMENT, onFrame });
  await worker.write(encodeAssignment(assignment));
  return await worker.ended();
}

/** One thread, bound to no core: other tests run beside it. Nothing is fetched. */
const ENVIRONMENT = {
  ...VLLM_CACHE,
  OMP_NUM_THREADS: "1",
  // Guesses from the prompt are made by a function that would be compiled for seconds.
  NUMBA_DISABLE_JIT: "1",
  VLLM_CPU_OMP_THREADS_BIND: "nobind",
  VLLM_LOGGING_LEVEL: "WARNING",
  VLLM_NO_USAGE_STATS: "1",
  HF_HUB_OFFLINE: "1",
  // Beams have log probabilities counted by a function that would be compiled for 20 s.
  TORCHDYNAMO_DISABLE: "1",
};

/** With what the first engine of a process imports when it is made. */
const IMPORTS = `
import vllm
from vllm import LLM, SamplingParams
from vllm.v1.engine.llm_engine import LLMEngine
from vllm.v1.executor import uniproc_executor
from vllm.v1.worker import cpu_worker
from vllm.model_executor.models import llama
from vllm.model_executor.layers.quantization.online import base
from vllm.entrypoints.launchers import cli_args
`;
