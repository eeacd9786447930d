import { isJsonObject, type Json } from "../base/json.ts";
import { syntheticDatasetSchema } from "../experiment/config.ts";
import { ownerOf } from "../experiment/sections.ts";
import { backendOfModel, declarationOf, DEFAULT_BACKEND } from "../experiment/engines.ts";
import { readableValue } from "./readable_value.ts";
import { completeServerFlags, servingBackend } from "./server_flags.ts";
import type { Override } from "./study.ts";

/** A backend that the command line does not name. */
export interface AssumedBackend {
  readonly name: string;
  readonly model: string;
  /** True where the model's name means no backend, and the default one stands. */
  readonly is_default: boolean;
}

/** The prompts of a file whose number the command line leaves open. */
export interface AssumedPrompts {
  readonly path: string;
  /** How many are run. */
  readonly n: number;
  /** True where the file holds more. */
  readonly has_more: boolean;
}

/** What a command line without a study file left open, and what stands there now. */
export interface Assumed {
  /** Null where the command line names a backend, or says too little. */
  readonly backend: AssumedBackend | null;
  /** True where the prompts are synthetic because the command line names no dataset. */
  readonly synthetic: boolean;
  /** Prompts, tokens in and tokens out as they were assumed; null each where the command line gives it. */
  readonly n: number | null;
  readonly input_len: number | null;
  readonly output_len: number | null;
  /** Null where the prompts come from no file, or the command line gives their number. */
  readonly file: AssumedPrompts | null;
}

/** Overrides that make a whole study, and what of them was assumed. */
export interface CompletedFlags {
  readonly overrides: readonly Override[];
  readonly assumed: Assumed;
}

/** Few and short, so that the first result is there within a minute on a CPU. */
const PROMPTS = { n: 8, input_len: 128, output_len: 64 };

/** As many prompts as a study has that says no number. */
const MOST_OF_FILE = 100;

/** Counts the prompts of a file, up to `most`; null where it cannot be read. */
export type CountPrompts = (path: string, most: number) => number | null;

/** The keys of synthetic prompts; any other key of a dataset says that it comes from elsewhere. */
const SYNTHETIC_KEYS: readonly string[] = Object.keys(syntheticDatasetSchema.shape);

/**
 * Completes a command line that has no study file: the backend by the name of the model, and short synthetic prompts
 * where no dataset is named. Of a file of prompts all are run, up to as many as a study has that says no number. All become
 * settings like any other, so a record shows them. A study file is never completed.
 */
export function completeFlags(
  given: readonly Override[],
  countPrompts: CountPrompts = () => null,
): CompletedFlags {
  const overrides = completeServerFlags(given);
  const serving = overrides.some(namesBackend) ? null : servingBackend(overrides);
  const backend = serving === null ? assumedBackend(overrides) : null;
  const named = serving ?? backend?.name ?? lastText(overrides, "backend");
  // A worker of the user's own may want no prompts at all.
  const isKnown = declarationOf(named)?.workload_known !== false;
  const synthetic = isKnown && !overrides.some(namesDataset);
  const backendOverride: Override[] = serving !== null
    ? [{ path: "backend", value: serving, source: "--server" }]
    : backend === null || backend.is_default
    ? []
    : [{ path: "backend", value: backend.name, source: "--model" }];
  if (!synthetic) {
    const file = promptsOfFile(overrides, countPrompts);
    const count: Override[] = file === null ? [] : [{ path: "n", value: file.n, source: "--dataset" }];
    const assumed = { backend, synthetic, n: null, input_len: null, output_len: null, file };
    return { overrides: [...backendOverride, ...overrides, ...count], assumed };
  }
  const own = overrides.map((one) => one.path === "n" ? { ...one, path: "dataset.n" } : one);
  const isOpen = (key: string): boolean =>
    !own.some(({ path }) => path === `dataset.${key}` || path === `sweep.dataset.${key}`);
  return {
    overrides: [...backendOverride, { path: "dataset", value: PROMPTS, source: "llem" }, ...own],
    assumed: {
      backend,
      synthetic,
      n: isOpen("n") ? PROMPTS.n : null,
      input_len: isOpen("input_len") ? PROMPTS.input_len : null,
      output_len: isOpen("output_len") ? PROMPTS.output_len : null,
      file: null,
    },
  };
}

/** How many prompts of the file that the command line names are run; null where it says that itself, or names none. */
function promptsOfFile(overrides: readonly Override[], countPrompts: CountPrompts): AssumedPrompts | null {
  if (overrides.some(({ path }) => /^(sweep\.)?(dataset\.)?n$/.test(path) || path === "sweep.dataset")) {
    return null;
  }
  const dataset = lastText(overrides, "dataset");
  const jsonl = isJsonObject(dataset) ? dataset.jsonl : lastText(overrides, "dataset.jsonl");
  const path = typeof dataset === "string" && dataset.endsWith(".jsonl") ? dataset : jsonl;
  if (typeof path !== "string") return null;
  const count = countPrompts(path, MOST_OF_FILE + 1);
  if (count === null || count === 0) return null;
  return { path, n: Math.min(count, MOST_OF_FILE), has_more: count > MOST_OF_FILE };
}

/** The backend that the names of all models mean, or the default one where they mean none; null where the command line names one itself. */
function assumedBackend(overrides: readonly Override[]): Assumed["backend"] {
  if (overrides.some(namesBackend)) return null;
  const model = overrides.findLast(({ path }) => path === "model" || path === "sweep.model");
  if (model === undefined) return null;
  const value = readableValue(model);
  const models = (Array.isArray(value) ? value : [value]).map(String);
  const backends = new Set(models.map(backendOfModel));
  const [name = null] = backends;
  const [first = ""] = models;
  if (backends.size !== 1) return null;
  if (name !== null) return { name, model: first, is_default: false };
  // A setting of another backend decides about it elsewhere.
  const owners = overrides.map(({ path }) => ownerOf(path.replace(/^sweep\./, "")));
  const isOpen = owners.some((owner) => owner !== null && owner !== DEFAULT_BACKEND);
  return isOpen ? null : { name: DEFAULT_BACKEND, model: first, is_default: true };
}

function namesBackend({ path }: Override): boolean {
  return path === "backend" || path === "sweep.backend";
}

function namesDataset({ path }: Override): boolean {
  const [block, key = null] = path.replace(/^sweep\./, "").split(".");
  return block === "dataset" && (key === null || !SYNTHETIC_KEYS.includes(key));
}

function lastText(overrides: readonly Override[], path: string): Json | undefined {
  const found = overrides.findLast((one) => one.path === path);
  return found === undefined ? undefined : readableValue(found);
}
