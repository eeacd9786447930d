/**
 * lib/inputs owns what a study is run on: models, prompts and images, found before the first run and written down in the
 * study directory, so that every run, and every resume, sees the same. It starts no worker and plans nothing.
 */
import { jsonFile, readRegularFile, readRegularText } from "../base/files.ts";
import { basename, join } from "node:path";
import { canonicalJson, sha256Hex } from "../base/canonical_json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { KnownContents } from "../experiment/identity.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import {
  type Image,
  NO_INPUTS,
  type PromptsFile,
  type ResolvedModel,
  type RunInputs,
} from "../experiment/inputs.ts";
import { readPath } from "../experiment/read_path.ts";
import type { Disk } from "../storage/disk.ts";
import type { FileMark } from "./file_mark.ts";
import { unknownSchema } from "./messages.ts";

/** inputs.json in the study directory. */
interface StoredInputs {
  readonly schema: "llem.inputs/1";
  /** By {@link modelKey} and {@link adapterKey}. */
  readonly models: Readonly<Record<string, ResolvedModel>>;
  /** By {@link promptsKey}. */
  readonly prompts: Readonly<Record<string, PromptsFile>>;
  /** By backend; of an llem that wrote none down there are none. */
  readonly images?: Readonly<Record<string, Image>>;
  /** The files of each model, by its key; of an llem that wrote none down there are none. */
  readonly marks?: Readonly<Record<string, readonly FileMark[]>>;
  /** Programs and scripts of workers of the user's own; as above. */
  readonly programs?: readonly FileMark[];
}

/** What a study is run on; what is left out is empty. */
export interface FoundInputs {
  readonly models?: ReadonlyMap<string, ResolvedModel>;
  readonly prompts?: ReadonlyMap<string, PromptsFile>;
  /** Of prompts that are not on disk yet, by their path in the study directory. */
  readonly texts?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** What runs in containers are made in, by backend. */
  readonly images?: ReadonlyMap<string, Image>;
  /** What the files of models are known by, by the key of the model. */
  readonly marks?: ReadonlyMap<string, readonly FileMark[]>;
  /** The same of programs and scripts of the user's own. */
  readonly programs?: readonly FileMark[];
}

/** Models, prompts and images of a study, by what asks for them. */
export class StudyInputs {
  readonly #models: ReadonlyMap<string, ResolvedModel>;
  readonly #prompts: ReadonlyMap<string, PromptsFile>;
  readonly #texts: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly images: ReadonlyMap<string, Image>;
  readonly marks: ReadonlyMap<string, readonly FileMark[]>;
  readonly programs: readonly FileMark[];

  constructor({ models, prompts, texts, images, marks, programs }: FoundInputs = {}) {
    this.#models = models ?? new Map();
    this.#prompts = prompts ?? new Map();
    this.#texts = texts ?? new Map();
    this.images = images ?? new Map();
    this.marks = marks ?? new Map();
    this.programs = programs ?? [];
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

  /** What the files of a configuration hold, by which the runs of several studies are joined. */
  contentsOf(config: ExperimentConfig): Omit<KnownContents, "base_dir"> {
    return {
      model: this.#contentOf(modelKey(config)),
      adapter: this.#contentOf(adapterKey(config)),
      prompts: this.#prompts.get(promptsKey(config))?.sha256 ?? null,
    };
  }

  /** A commit of the hub, or a hash over the files; their names count only where there are several kinds of them. */
  #contentOf(key: string): string | null {
    const model = this.model(key);
    if (model === null) return null;
    if (model.revision !== null) return model.revision;
    const marks = this.marks.get(key) ?? [];
    if (marks.length === 0 || marks.some(({ digest }) => digest === null)) return null;
    const files = marks.map(({ path, digest }) => [model.kind === "file" ? "" : basename(path), digest]);
    return sha256Hex(canonicalJson(model.kind === "file" ? files : files.sort()));
  }

  /** The same with further models, and with these in place of the others. */
  with({ models, ...others }: Omit<FoundInputs, "prompts" | "texts">): StudyInputs {
    return new StudyInputs({
      ...this.#found(),
      ...others,
      models: new Map([...this.#models, ...models ?? []]),
      texts: this.#texts,
    });
  }

  /** The same without what is on disk by now: prompts need not stay in memory for days. */
  saved(): StudyInputs {
    return new StudyInputs(this.#found());
  }

  /** The files of the prompts, relative to the study directory, each once. */
  promptsFiles(): string[] {
    return [...new Set([...this.#prompts.values()].map(({ path }) => path))];
  }

  /** What is not as it was written down in a study directory: its runs would not be comparable any more. */
  changedPrompts(dir: string): string[] {
    return [...new Set(this.#prompts.values())].map(({ path, sha256 }) => ({ path: join(dir, path), sha256 }))
      .filter(({ path, sha256 }) => hashOf(path) !== sha256).map(({ path }) => path);
  }

  /** Writes prompts and inputs.json into a study directory, durably. Throws what the disk threw. */
  save(disk: Disk, dir: string): void {
    if (this.#texts.size > 0) makeFolder(disk, join(dir, "prompts"));
    for (const [path, text] of this.#texts) disk.replace(join(dir, path), text);
    const stored: StoredInputs = {
      schema: "llem.inputs/1",
      models: Object.fromEntries(this.#models),
      prompts: Object.fromEntries(this.#prompts),
      images: Object.fromEntries(this.images),
      marks: Object.fromEntries(this.marks),
      programs: this.programs,
    };
    disk.replace(join(dir, INPUTS_FILE), jsonFile(stored));
  }

  #found(): Omit<FoundInputs, "texts"> {
    const { images, marks, programs } = this;
    return { models: this.#models, prompts: this.#prompts, images, marks, programs };
  }
}

export const INPUTS_FILE = "inputs.json";

/** Reads inputs.json back. Throws where it is not there or not ours; a study of an earlier llem has none. */
export function restoreInputs(dir: string): StudyInputs {
  const stored: StoredInputs | null = JSON.parse(readRegularText(join(dir, INPUTS_FILE)));
  if (stored?.schema !== "llem.inputs/1") throw new TypeError(unknownSchema(stored?.schema));
  return new StudyInputs({
    models: new Map(Object.entries(stored.models)),
    prompts: new Map(Object.entries(stored.prompts)),
    images: new Map(Object.entries(stored.images ?? {})),
    marks: new Map(Object.entries(stored.marks ?? {})),
    programs: stored.programs ?? [],
  });
}

/** It may be there: of a runner that was killed while it saved what a study of an earlier llem had not. */
function makeFolder(disk: Disk, path: string): void {
  try {
    disk.createFolder(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** Null where it cannot be read. */
function hashOf(path: string): string | null {
  try {
    return sha256Hex(readRegularFile(path));
  } catch {
    return null;
  }
}

/** Configurations with equal keys load the same model. */
export function modelKey(config: ExperimentConfig): string {
  const { backend, model } = config;
  return canonicalJson({ backend, model, revision: revisionOf(config) });
}

/** The branch, tag or commit of the model that a configuration names; null where it names none. */
export function revisionOf(config: ExperimentConfig): string | null {
  const { revision } = ENGINE_DECLARATIONS[config.backend];
  const value = revision === null ? null : readPath(config, revision);
  return typeof value === "string" ? value : null;
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
