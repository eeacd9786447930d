import type { Json } from "../base/json.ts";
import { backendOfModel, declarationOf } from "../experiment/engines.ts";
import { parseValue } from "./yaml/parse_value.ts";
import { optionText } from "./source_text.ts";
import type { Override } from "./study.ts";
import { jsonOfTree } from "./tree.ts";

/** What a command line without a study file left open, and what stands there now. */
export interface Assumed {
  /** Null where the command line names a backend, or the model's name means none. */
  readonly backend: { readonly name: string; readonly model: string } | null;
  /** True where the prompts are synthetic because the command line names no dataset. */
  readonly synthetic: boolean;
  /** Prompts, tokens in and tokens out as they were assumed; null each where the command line gives it. */
  readonly n: number | null;
  readonly input_len: number | null;
  readonly output_len: number | null;
}

/** Overrides that make a whole study, and what of them was assumed. */
export interface CompletedFlags {
  readonly overrides: readonly Override[];
  readonly assumed: Assumed;
}

/** Few and short, so that the first result is there within a minute on a CPU. */
const PROMPTS = { n: 8, input_len: 128, output_len: 64 };

/** The keys of synthetic prompts; any other key of a dataset says that it comes from elsewhere. */
const SYNTHETIC_KEYS: readonly string[] = ["n", "input_len", "output_len", "seed"];

/**
 * Completes a command line that has no study file: the backend by the name of the model, and short synthetic prompts
 * where no dataset is named. Both become settings like any other, so a record shows them. A study file is never completed.
 */
export function completeFlags(overrides: readonly Override[]): CompletedFlags {
  const backend = assumedBackend(overrides);
  const named = backend?.name ?? lastText(overrides, "backend");
  // A worker of the user's own may want no prompts at all.
  const isKnown = declarationOf(named)?.workload_known !== false;
  const synthetic = isKnown && !overrides.some(namesDataset);
  const backendOverride: Override[] = backend === null
    ? []
    : [{ path: "backend", value: backend.name, source: "--model" }];
  if (!synthetic) {
    const assumed = { backend, synthetic, n: null, input_len: null, output_len: null };
    return { overrides: [...backendOverride, ...overrides], assumed };
  }
  const given = overrides.map((one) => one.path === "n" ? { ...one, path: "dataset.n" } : one);
  const isOpen = (key: string): boolean =>
    !given.some(({ path }) => path === `dataset.${key}` || path === `sweep.dataset.${key}`);
  return {
    overrides: [...backendOverride, { path: "dataset", value: PROMPTS, source: "llem" }, ...given],
    assumed: {
      backend,
      synthetic,
      n: isOpen("n") ? PROMPTS.n : null,
      input_len: isOpen("input_len") ? PROMPTS.input_len : null,
      output_len: isOpen("output_len") ? PROMPTS.output_len : null,
    },
  };
}

/** The backend that the names of all models mean; null where the command line names one itself. */
function assumedBackend(overrides: readonly Override[]): Assumed["backend"] {
  if (overrides.some(({ path }) => path === "backend" || path === "sweep.backend")) return null;
  const model = overrides.findLast(({ path }) => path === "model" || path === "sweep.model");
  if (model === undefined) return null;
  const value = valueOf(model);
  const models = (Array.isArray(value) ? value : [value]).map(String);
  const backends = new Set(models.map(backendOfModel));
  const [name = null] = backends;
  const [first = ""] = models;
  return backends.size === 1 && name !== null ? { name, model: first } : null;
}

function namesDataset({ path }: Override): boolean {
  const [block, key = null] = path.replace(/^sweep\./, "").split(".");
  return block === "dataset" && (key === null || !SYNTHETIC_KEYS.includes(key));
}

function lastText(overrides: readonly Override[], path: string): Json | undefined {
  const found = overrides.findLast((one) => one.path === path);
  return found === undefined ? undefined : valueOf(found);
}

/** The value of an option, as far as it can be read; mistakes in it are told where the study is read. */
function valueOf(override: Override): Json {
  if ("value" in override) return override.value;
  const { tree } = parseValue({ ...optionText(override.source), text: override.text });
  return tree === null ? null : jsonOfTree(tree);
}
