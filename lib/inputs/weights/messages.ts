/** The texts of lib/inputs/weights for people: one pure function for each message. */
import type { ForeignFormat } from "./foreign_format.ts";

/** What a file is, and the remedy. */
const FORMATS: Readonly<Record<ForeignFormat, string>> = {
  empty: "it is empty. Download or copy it again",
  lfs_pointer: "it is a Git LFS pointer. Run `git lfs pull` in its repository",
  web_page: "it is a web page. Download the file itself, for example with `hf download`",
  safetensors: "it is a safetensors file. Convert the model to GGUF, or use backend pytorch",
  zip: "it is a zip archive or a PyTorch checkpoint. Unpack it, or convert the model to GGUF",
  pickle: "it is a Python pickle. Convert the model to GGUF",
  old_ggml: "its format predates GGUF. Download or convert the model again",
  gzip: "it is compressed with gzip. Run `gunzip` on it",
  xz: "it is compressed with xz. Run `unxz` on it",
  zstd: "it is compressed with zstd. Run `unzstd` on it",
  json: "it is JSON, possibly the index of a model. Convert the model to GGUF",
};

/** A file that should be GGUF and is not; `format` is null where its format is unknown. */
export function notGguf(path: string, format: ForeignFormat | null): string {
  const detail = format === null ? ". Name one, or convert the model to GGUF" : `: ${FORMATS[format]}`;
  return `${path} is not a GGUF file${detail}.`;
}

/** Weights in a folder that cannot be loaded, as their first bytes show. */
export function notWeights(path: string, format: ForeignFormat): string {
  return `${path} does not contain weights: ${FORMATS[format]}.`;
}

export function modelCutShort(path: string, { has, needs }: { has: number; needs: number | null }): string {
  const detail = needs === null
    ? `it ends after ${has} bytes, inside its header`
    : `it has ${has} of ${needs} bytes`;
  return `${path} is truncated: ${detail}. Download or copy it again.`;
}

export function ggufVersion(path: string, version: number): string {
  return `${path} has GGUF version ${version}; versions 2 and 3 are supported. Convert the model again.`;
}

export function ggufBigEndian(path: string): string {
  return `${path} is a big-endian GGUF file, which this machine cannot read. ` +
    "Download the little-endian version.";
}

/** A later part of a split model; `first` is null if its name cannot be derived from this one. */
export function laterPart(
  path: string,
  { number, count, first, isThere }: {
    number: number;
    count: number;
    first: string | null;
    isThere: boolean;
  },
): string {
  const subject = `${path} is part ${number} of ${count} of a split model.`;
  if (first === null) return `${subject} Name the first part.`;
  return isThere
    ? `${subject} Name the first part: ${first}.`
    : `${subject} The first part, ${first}, does not exist: download or copy it, then name it.`;
}

/** The first part of a split model, whose others cannot be found by its name. */
export function partMisnamed(path: string, { count, example }: { count: number; example: string }): string {
  return `${path} is the first of ${count} parts of a split model; the others are found by its name. ` +
    `Rename all parts to the form ${example}.`;
}

export function partsMissing(path: string, missing: readonly string[]): string {
  return `${path} is the first part of a split model; other parts are missing: ${missing.join(", ")}. ` +
    "Download or copy them to the same folder.";
}

export function partOfOther(path: string, part: string): string {
  return `${part} does not belong to the model that starts with ${path}. Download or copy it again.`;
}

/** A projector for images; `models` are the other GGUF files of its folder. */
export function isProjector(path: string, models: readonly string[]): string {
  return `${path} is an image or audio projector (mmproj), not a language model.${nameInstead(models)}`;
}

export function isAdapter(path: string, models: readonly string[]): string {
  return `${path} is an adapter (LoRA), not a model.${nameInstead(models)}`;
}

export function isVocabulary(path: string, models: readonly string[]): string {
  return `${path} contains only a vocabulary, no weights.${nameInstead(models)}`;
}

export function modelUnreadable(path: string, reason: string): string {
  return `${path} cannot be read: ${reason}.`;
}

export function notRegularFile(): string {
  return "it is not a regular file";
}

const MOST_NAMED = 5;

/** Ends a message; `models` are the GGUF files that could be meant. */
export function nameInstead(models: readonly string[]): string {
  if (models.length === 0) return " Name the GGUF file of the model.";
  const more = models.length > MOST_NAMED ? [`one of ${models.length - MOST_NAMED} others`] : [];
  const choices = [...models.slice(0, MOST_NAMED), ...more];
  const [last, ...rest] = choices.reverse();
  return ` Name the GGUF file of the model: ${
    rest.length === 0 ? "" : `${rest.reverse().join(", ")} or `
  }${last}.`;
}
