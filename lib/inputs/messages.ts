/** The texts of lib/inputs for people: one pure function for each message. */
import { plural } from "../base/text.ts";
import type { ForeignFormat } from "./foreign_format.ts";

const FORMATS: Readonly<Record<ForeignFormat, string>> = {
  empty: "it is empty: download or copy it again",
  lfs_pointer: "it is a pointer of Git LFS, not the file itself: run `git lfs pull` in its repository",
  web_page: "it is a web page: download the file itself again, for example with `hf download`",
  safetensors: "it is a safetensors file: convert the model to GGUF, or run it with backend pytorch",
  zip: "it is a zip archive or a PyTorch checkpoint: unpack it, or convert the model to GGUF",
  pickle: "it is a Python pickle: convert the model to GGUF",
  old_ggml: "it is of a format before GGUF: download or convert the model again",
  gzip: "it is compressed with gzip: run `gunzip` on it",
  xz: "it is compressed with xz: run `unxz` on it",
  zstd: "it is compressed with zstd: run `unzstd` on it",
  json: "it is JSON, which may be the index of a model: convert the model to GGUF",
};

/** A `dataset` that is neither a known name nor a file nor a dataset of the hub. */
export function unknownDataset(dataset: string, defaultName: string): string {
  return `dataset ${
    JSON.stringify(dataset)
  } is not a known dataset. Name ${defaultName}, a file that ends in ` +
    ".jsonl, or owner/name of the Hugging Face hub.";
}

/** A file that should be GGUF and is not; `format` is null where nothing more is known. */
export function notGguf(path: string, format: ForeignFormat | null): string {
  const told = format === null ? ". Name one, or convert the model to GGUF" : `: ${FORMATS[format]}`;
  return `${path} is no GGUF file${told}.`;
}

/** Weights in a folder that cannot be loaded, as their first bytes show. */
export function notWeights(path: string, format: ForeignFormat): string {
  return `${path} holds no weights: ${FORMATS[format]}.`;
}

export function modelCutShort(path: string, { has, needs }: { has: number; needs: number | null }): string {
  const told = needs === null
    ? `it ends after ${has} bytes, inside its header`
    : `it has ${has} of ${needs} bytes`;
  return `${path} is cut short: ${told}. Download or copy it again.`;
}

export function ggufVersion(path: string, version: number): string {
  return `${path} is of GGUF version ${version}, versions 2 and 3 can be read. Convert the model again.`;
}

export function ggufBigEndian(path: string): string {
  return `${path} is a big-endian GGUF file, which this machine cannot read. Download the little-endian one.`;
}

/** A later part of a model in several files; `first` is null where its name cannot be told from this one's. */
export function laterPart(
  path: string,
  { number, count, first, isThere }: {
    number: number;
    count: number;
    first: string | null;
    isThere: boolean;
  },
): string {
  const what = `${path} is part ${number} of ${count} of a model in several files.`;
  if (first === null) return `${what} Name the first part.`;
  return isThere
    ? `${what} Name the first part: ${first}.`
    : `${what} The first part is to be named, and ${first} does not exist. Download or copy it, too.`;
}

/** The first part of a model in several files, whose others cannot be found by its name. */
export function partMisnamed(path: string, { count, example }: { count: number; example: string }): string {
  return `${path} is the first of ${count} parts of a model, and the others are found by its name. ` +
    `Give all of them names such as ${example}.`;
}

export function partsMissing(path: string, missing: readonly string[]): string {
  return `${path} lacks other parts of the model: ${
    missing.join(", ")
  }. Download or copy them to its folder.`;
}

export function partOfOther(path: string, part: string): string {
  return `${part} is no part of the model that begins with ${path}. Download or copy it again.`;
}

/** A projector for images; `models` are the other GGUF files of its folder. */
export function isProjector(path: string, models: readonly string[]): string {
  return `${path} is a projector for images or sound (mmproj) and no language model.${nameInstead(models)}`;
}

export function isAdapter(path: string, models: readonly string[]): string {
  return `${path} is an adapter (LoRA) and no model.${nameInstead(models)}`;
}

export function isVocabulary(path: string, models: readonly string[]): string {
  return `${path} holds a vocabulary only and no weights.${nameInstead(models)}`;
}

/** A folder where a GGUF file is due. */
export function isFolder(path: string, models: readonly string[]): string {
  return models.length === 0
    ? `${path} is a folder, and no GGUF file is in it. Name a GGUF file.`
    : `${path} is a folder.${nameInstead(models)}`;
}

/** A folder of a model or adapter in which files are missing; `models` are the GGUF files in it. */
export function folderLacks(
  path: string,
  { missing, part, models }: {
    readonly missing: readonly string[];
    readonly part: string;
    readonly models: readonly string[];
  },
): string {
  const lacks = `${path} lacks ${missing.join(", ")}.`;
  return models.length === 0 ? `${lacks} Copy the whole ${part} there.` : `${lacks}${nameInstead(models)}`;
}

const MOST_NAMED = 5;

function nameInstead(models: readonly string[]): string {
  if (models.length === 0) return " Name the GGUF file of the model.";
  const more = models.length > MOST_NAMED ? ` or one of ${models.length - MOST_NAMED} more` : "";
  return ` Name the GGUF file of the model: ${models.slice(0, MOST_NAMED).join(" or ")}${more}.`;
}

export function modelUnreadable(path: string, reason: string): string {
  return `${path} cannot be read: ${reason}.`;
}

/** A model that is not beside the study file; `instead` is its path from there. */
export function modelInCurrentFolder(name: string, instead: string): string {
  const here = /^[./]/.test(name) ? name : `./${name}`;
  return `${here} exists in the current folder, but paths start at the study file: write ${instead}.`;
}

/** A note of a plan; `subject` names the model, `reason` says why the hub's cache does not have it. */
export function modelToDownload(subject: string, reason: string): string {
  return `${subject}: ${reason}; llem run downloads it`;
}

/** A dataset with fewer prompts than its runs need. */
export function tooFewPrompts(
  name: string,
  { has, needs, isFile }: { readonly has: number; readonly needs: number; readonly isFile: boolean },
): string {
  const needed = `${needs} ${needs === 1 ? "is" : "are"} needed`;
  if (has > 0) return `${name} holds ${plural(has, "prompt")}, ${needed}. Add prompts or set n to ${has}.`;
  return isFile
    ? `${name} holds no prompts, ${needed}. Write one object such as {"prompt": "Hello"} a line into it.`
    : `${name} holds no prompts, ${needed}. Name another dataset, split or column.`;
}
