import { join } from "node:path";
import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import type { Assignment } from "../../../lib/protocol/assignment.ts";
import { WorkerError } from "../../worker_error.ts";
import { slotCores } from "./slot_cores.ts";
import { TINY_RANDOM, TINY_RANDOM_FILE } from "./asset_manifest.ts";
import { Batch } from "./batch.ts";
import { createContext } from "./context.ts";
import { planContext } from "./context_plan.ts";
import { type Hardware, isGpu } from "./devices.ts";
import type { Engine } from "./engine.ts";
import { exactKvBytes, requireMemory } from "./kv_size.ts";
import type { LoadLog, LoadReport } from "./load_log.ts";
import { loadModel, type Model } from "./model.ts";
import { type ModelFile, openModelFile } from "./model_file.ts";
import type { OpenedLibrary } from "./open_library.ts";
import { longestRequest, makePrompts, type Prompt } from "./prompts.ts";
import { tokenize } from "./tokenize.ts";
import { readVocabulary } from "./vocabulary.ts";
import { noLayerOnGpu } from "./messages.ts";

/** A model in memory, and the prompts as it reads them. */
export interface LoadedEngine {
  readonly engine: Engine;
  readonly file: ModelFile;
  readonly prompts: readonly Prompt[];
  /** What the library said while it loaded. */
  readonly report: LoadReport;
}

/** Loads the model, reads the prompts, and creates a context that they fit into. */
export function loadEngine(
  assignment: Assignment,
  config: LlamacppConfig,
  opened: OpenedLibrary,
  hardware: Hardware,
  log: LoadLog,
): LoadedEngine {
  const { library } = opened;
  const { file, model } = loadWeights(assignment, config, opened, log);
  if (config.n_gpu_layers !== 0 && hardware.devices.some(isGpu) && log.report().offloadedLayers === 0) {
    throw new WorkerError(
      "gpu_unavailable",
      noLayerOnGpu(file.path),
    );
  }
  const vocabulary = readVocabulary(library, model);
  const prompts = makePrompts(assignment, vocabulary, (text) => tokenize(library, model, text));
  const plan = planContext(config, longestRequest(prompts), navigator.hardwareConcurrency, slotCores());
  if (!hardware.devices.some(isGpu)) requireMemory(library, model, plan, config);
  const context = createContext(library, log, model, plan, config);
  const batch = new Batch(batchCapacity(prompts, config.n_parallel, context.n_batch));
  const { decoder, random_seed: randomSeed } = assignment.config;
  const engine = { library, model, vocabulary, context, batch, sampling: { decoder, randomSeed } };
  const report = log.report();
  const kvBytes = exactKvBytes(library, model, context.n_ctx, config, report.kvBytes);
  return { engine, file, prompts, report: { ...report, kvBytes } };
}

function loadWeights(
  { config: { model: name }, base_dir, inputs }: Assignment,
  config: LlamacppConfig,
  { library, assets }: OpenedLibrary,
  log: LoadLog,
): { readonly file: ModelFile; readonly model: Model } {
  const ours = name === TINY_RANDOM ? assets : null;
  const path = ours === null ? inputs.model?.path ?? name : join(ours.path, TINY_RANDOM_FILE);
  const file = { ...openModelFile(path, base_dir), sha256: ours?.tinyRandomSha256 ?? null };
  return { file, model: loadModel(library, log, file, config) };
}

/** No more than the library takes, nor than the workload can fill. */
function batchCapacity(prompts: readonly Prompt[], parallel: number, n_batch: number): number {
  const longest = prompts.reduce((most, { tokens }) => Math.max(most, tokens.length), 1);
  return Math.min(n_batch, parallel * longest);
}
