/** Starts the Python worker for tests: a process for each assignment, or one after the other in forks of one. */
import { existsSync } from "node:fs";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { NO_INPUTS, type RunInputs } from "../../lib/experiment/inputs.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { type Assignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import { type ProcessOptions, REPOSITORY, type Said, TOKEN, WorkerProcess } from "./worker_process.ts";
import { PYTHON_FOLDER, runForks } from "./python_forks.ts";

export { PYTHON_FOLDER };

/** The interpreter with the packages of the engine. Throws where there is none. */
export function testPython(): string {
  const named = Deno.env.get("LLEM_PYTHON");
  if (named !== undefined) return named;
  const made = `${REPOSITORY}.venv/bin/python`;
  if (existsSync(made)) return made;
  throw new Error("These tests need Python with torch and transformers: run scripts/setup-python");
}

/** The command line of the worker, from source. */
export function pythonWorkerArgv(): string[] {
  return [testPython(), `${PYTHON_FOLDER}/main.py`];
}

/** Changes to the assignment that most tests start from, whatever the engine. */
export interface RunChanges {
  /** Fields of the experiment, as a study file would give them. */
  readonly config?: JsonObject;
  readonly inputs?: Partial<RunInputs>;
  readonly baseDir?: string;
  readonly runDir?: string;
  readonly gate?: string;
  readonly token?: string;
}

/** The same for the engine pytorch. */
export interface PythonChanges extends RunChanges {
  readonly pytorch?: JsonObject;
}

/** A greedy run in full precision of 3 short synthetic prompts on the model in a folder, with changes. */
export function pythonAssignment(model: string, changes: PythonChanges = {}): Assignment {
  return runAssignment(model, { backend: "pytorch", pytorch: changes.pytorch ?? {} }, changes);
}

/** The same for any engine: `engine` holds the fields that choose and set it. */
export function runAssignment(model: string, engine: JsonObject, changes: RunChanges): Assignment {
  const { config, inputs, baseDir, runDir, gate, token } = changes;
  return {
    v: 1,
    token: token ?? TOKEN,
    run_id: "0001_test",
    attempt: 1,
    config_hash: "0123456789abcdef",
    cycle: 1,
    devices: [],
    run_dir: runDir ?? Deno.cwd(),
    base_dir: baseDir ?? REPOSITORY,
    ...gate === undefined ? {} : { gate },
    inputs: { ...NO_INPUTS, ...inputs },
    config: resolved({
      model,
      precision: "fp32",
      dataset: { n: 3, input_len: 12, output_len: 6, seed: 42 },
      decoder: { do_sample: false },
      warmup: { enabled: false },
      baseline: { enabled: false },
      ...config,
      ...engine,
    }),
  };
}

function resolved(draft: JsonObject): ExperimentConfig {
  const config = resolveConfig(draft);
  if (config === null) throw new Error(`No such experiment: ${JSON.stringify(draft)}`);
  return config;
}

/** Runs one assignment to its end in a process of its own, as llem does. */
export async function runPython(
  assignment: Assignment,
  options: Partial<ProcessOptions> = {},
): Promise<Said> {
  await using worker = new WorkerProcess({ argv: pythonWorkerArgv(), ...options });
  await worker.write(encodeAssignment(assignment));
  return await worker.ended();
}

/**
 * Runs assignments one after the other, each in a fork of one process that has imported the engine's packages once. See
 * `runForks`.
 */
export function runPythonMany(assignments: readonly Assignment[]): Promise<Said[]> {
  return runForks({ python: testPython(), imports: IMPORTS }, assignments);
}

const IMPORTS = `
import torch, transformers, peft, accelerate
from transformers.models.llama import modeling_llama
`;
