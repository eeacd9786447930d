/** Starts the Python worker with the engine tensorrt over the stand-in package: real processes, no real engine. */
import { join } from "node:path";
import type { JsonObject } from "../../lib/base/json.ts";
import { type Assignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import { runForks } from "./python_forks.ts";
import { PYTHON_FOLDER, runAssignment, type RunChanges, testPython } from "./python_worker.ts";
import { behave, type Behaviour, type StandInOptions, writeStandIn } from "./tensorrt_standin.ts";
import { TempFolder } from "./temp_folder.ts";
import { writeTinyLlama } from "./tiny_llama.ts";
import { type Said, WorkerProcess } from "./worker_process.ts";

/** Changes to the assignment that most tests start from. */
export interface TensorrtChanges extends RunChanges {
  readonly tensorrt?: JsonObject;
}

/** A greedy run in full precision of 3 short synthetic prompts on the model in a folder, with changes. */
export function tensorrtAssignment(model: string, changes: TensorrtChanges = {}): Assignment {
  const { tensorrt = {}, ...others } = changes;
  return runAssignment(model, { backend: "tensorrt", tensorrt }, others);
}

/** A folder with the stand-in and models for it; it is removed when it is disposed. */
export class TensorrtBench implements Disposable {
  readonly folder = new TempFolder();
  readonly #package: string;
  #models = 0;

  constructor(options: StandInOptions = {}) {
    this.#package = writeStandIn(this.folder.at("package"), options);
  }

  /** A tiny model with which the stand-in behaves so. */
  model(behaviour: Behaviour = {}): string {
    return behave(writeTinyLlama(this.folder.at(`model${this.#models++}`)), behaviour);
  }

  at(name: string): string {
    return this.folder.at(name);
  }

  /** Runs assignments one after the other, each in a fork of one process that has imported the packages. See `runForks`. */
  async runNamed<Name extends string>(
    assignments: Readonly<Record<Name, Assignment>>,
  ): Promise<Record<Name, Said>> {
    const names = Object.keys(assignments) as Name[];
    const parent = { python: testPython(), imports: IMPORTS, env: this.#env() };
    const said = await runForks(parent, names.map((name) => assignments[name]));
    return Object.fromEntries(names.map((name, index) => [name, said[index]])) as Record<Name, Said>;
  }

  /** A process of its own, as llem starts it; it is killed when it is disposed. */
  async start(assignment: Assignment): Promise<WorkerProcess> {
    const worker = new WorkerProcess({
      argv: [testPython(), join(PYTHON_FOLDER, "main.py")],
      env: this.#env(),
    });
    await worker.write(encodeAssignment(assignment));
    return worker;
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }

  #env(): Record<string, string> {
    return { PYTHONPATH: `${this.#package}:${PYTHON_FOLDER}`, OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1" };
  }
}

const IMPORTS = `
import torch, transformers
from transformers import AutoConfig, AutoTokenizer, GenerationConfig
from transformers.models.llama import configuration_llama
AutoTokenizer, AutoConfig, GenerationConfig
`;
