/**
 * lib/inputs owns what a study is run on: models and prompts, found before the first run and written down in the
 * study directory, so that every run, and every resume, sees the same. It starts no worker and plans nothing.
 */
import { join } from "node:path";
import { canonicalJson } from "../base/canonical_json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { NO_INPUTS, type PromptsFile, type ResolvedModel, type RunInputs } from "../experiment/inputs.ts";
import type { Disk } from "../storage/disk.ts";

/** inputs.json in the study directory. */
interface StoredInputs {
  readonly schema: "llem.inputs/1";
  /** By {@link modelKey} and {@link adapterKey}. */
  readonly models: Readonly<Record<string, ResolvedModel>>;
  /** By {@link promptsKey}. */
  readonly prompts: Readonly<Record<string, PromptsFile>>;
}

/** Models and prompts of a study, by what asks for them. */
export class StudyInputs {
  readonly #models: ReadonlyMap<string, ResolvedModel>;
  readonly #prompts: ReadonlyMap<string, PromptsFile>;
  /** Of prompts that are not on disk yet, by their path in the study directory. */
  readonly #texts: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

  constructor(
    models: ReadonlyMap<string, ResolvedModel> = new Map(),
    prompts: ReadonlyMap<string, PromptsFile> = new Map(),
    texts: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map(),
  ) {
    this.#models = models;
    this.#prompts = prompts;
    this.#texts = texts;
  }

  /** What a run with this configuration is run on. */
  of(config: ExperimentConfig): RunInputs {
    if (this.#models.size === 0 && this.#prompts.size === 0) return NO_INPUTS;
    return {
      model: this.model(modelKey(config)),
      adapter: this.model(adapterKey(config)),
      prompts: this.#prompts.get(promptsKey(config)) ?? null,
    };
  }

  /** The model or adapter of a key; null where none is known. */
  model(key: string): ResolvedModel | null {
    return this.#models.get(key) ?? null;
  }

  /** The same with further models. */
  withModels(models: ReadonlyMap<string, ResolvedModel>): StudyInputs {
    return new StudyInputs(new Map([...this.#models, ...models]), this.#prompts, this.#texts);
  }

  /** Writes prompts and inputs.json into a study directory, durably. Throws what the disk threw. */
  save(disk: Disk, dir: string): void {
    if (this.#texts.size > 0) disk.createFolder(join(dir, "prompts"));
    for (const [path, text] of this.#texts) disk.replace(join(dir, path), text);
    const stored: StoredInputs = {
      schema: "llem.inputs/1",
      models: Object.fromEntries(this.#models),
      prompts: Object.fromEntries(this.#prompts),
    };
    disk.replace(join(dir, INPUTS_FILE), new TextEncoder().encode(`${JSON.stringify(stored, null, 1)}\n`));
  }
}

export const INPUTS_FILE = "inputs.json";

/** Reads inputs.json back. Throws where it is not there or not ours; a study of an earlier llem has none. */
export function restoreInputs(dir: string): StudyInputs {
  const stored: StoredInputs = JSON.parse(Deno.readTextFileSync(join(dir, INPUTS_FILE)));
  if (stored.schema !== "llem.inputs/1") throw new TypeError(`its schema is ${stored.schema}`);
  return new StudyInputs(new Map(Object.entries(stored.models)), new Map(Object.entries(stored.prompts)));
}

/** Configurations with equal keys load the same model. */
export function modelKey({ backend, model, pytorch }: ExperimentConfig): string {
  return canonicalJson({ backend, model, revision: pytorch?.revision ?? null });
}

/** Configurations with equal keys load the same adapter. */
export function adapterKey({ lora }: ExperimentConfig): string {
  return canonicalJson({ adapter_id: lora?.adapter_id ?? null, adapter_path: lora?.adapter_path ?? null });
}

/** Configurations with equal keys run the same prompts, whatever their backend. */
export function promptsKey(
  config: Pick<ExperimentConfig, "dataset" | "n" | "dataset_order" | "random_seed">,
): string {
  const { dataset, n, dataset_order, random_seed } = config;
  const seed = dataset_order === "shuffled" ? random_seed : null;
  return canonicalJson({ dataset, n, order: dataset_order, seed });
}
