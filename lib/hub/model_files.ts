import { join } from "node:path";
import { statSync } from "node:fs";
import { readSmallText } from "./small_text.ts";

/** What a repository or folder is taken for: a model of its own, or an adapter on top of one. */
export type ModelPart = "model" | "adapter";

/** The weights that are loaded, best first: one file, or the index that names several and what they look like. */
const WEIGHTS = [
  ["model.safetensors"],
  ["model.safetensors.index.json", /^(?!consolidated)[^/]*-of-\d+\.safetensors$/],
  ["pytorch_model.bin"],
  ["pytorch_model.bin.index.json", /^pytorch_model[^/]*-of-\d+\.bin$/],
] as const;
const ADAPTER_WEIGHTS = ["adapter_model.safetensors", "adapter_model.bin"] as const;
const CONFIG = { model: "config.json", adapter: "adapter_config.json" } as const;
/** Beside the weights: configuration, tokenizer, templates and code. In folders lie other formats of the same model. */
const BESIDE = /^[^/]+\.(json|txt|model|jinja|tiktoken|py)$|^additional_chat_templates\/|\.py$/;
const TOKENIZER =
  /^(tokenizer|tokenization_|tekken|vocab|spiece|sentencepiece|merges|bpe)|\.(model|tiktoken)$/;

/** Which of a repository's files transformers (or peft) loads; null where these are no weights it can load. */
export function filesToLoad(names: readonly string[], part: ModelPart): string[] | null {
  if (!names.includes(CONFIG[part])) return null;
  if (part === "adapter") {
    const weights = ADAPTER_WEIGHTS.find((name) => names.includes(name));
    return weights === undefined ? null : [CONFIG.adapter, weights];
  }
  const [first, shards] = WEIGHTS.find(([name]) => names.includes(name)) ?? [];
  if (first === undefined) return null;
  return names.filter((name) => name === first || BESIDE.test(name) || (shards?.test(name) ?? false));
}

/** What a folder lacks to be loaded, in words; empty where it is whole. */
export function missingFiles(folder: string, part: ModelPart): string[] {
  const names = namesIn(folder);
  const config = names.includes(CONFIG[part]) ? [] : [CONFIG[part]];
  if (part === "adapter") {
    const weights = ADAPTER_WEIGHTS.some((name) => names.includes(name));
    return weights ? config : [...config, "its weights (adapter_model.safetensors)"];
  }
  const tokenizer = names.some((name) => TOKENIZER.test(name)) ? [] : ["a tokenizer (tokenizer.json)"];
  return [...config, ...tokenizer, ...missingWeights(folder, names)];
}

function missingWeights(folder: string, names: readonly string[]): string[] {
  const [first, shards] = WEIGHTS.find(([name]) => names.includes(name)) ?? [];
  if (first === undefined) return ["weights (model.safetensors)"];
  return shards === undefined ? [] : shardsOf(join(folder, first)).filter((name) => !names.includes(name));
}

/** The files that an index names; the index itself where it cannot be read. */
function shardsOf(index: string): string[] {
  try {
    const { weight_map } = JSON.parse(readSmallText(index));
    return [...new Set(Object.values<string>(weight_map))];
  } catch {
    return [`a readable ${index}`];
  }
}

/** Files with something in them: a link of the cache to nothing counts as missing. */
function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => {
      const info = statSync(join(folder, name), { throwIfNoEntry: false });
      return info?.isFile() === true && info.size > 0;
    });
  } catch {
    return [];
  }
}
