/** The texts of lib/inputs for people: one pure function for each message. */
import { plural } from "../base/text.ts";
import type { ModelPart } from "../hub/model_files.ts";
import { nameInstead } from "./weights/messages.ts";

/** How a sentence about a model or adapter begins: `backend pytorch: model gpt2 (revision main)`. */
export function requestSubject(
  { backend, field, name, revision }: {
    readonly backend: string;
    readonly field: string;
    readonly name: string;
    readonly revision: string | null;
  },
): string {
  return `backend ${backend}: ${field} ${name}${revision === null ? "" : ` (revision ${revision})`}`;
}

/** A folder in place of a GGUF file. */
export function isFolder(path: string, models: readonly string[]): string {
  return models.length === 0
    ? `${path} is a folder without GGUF files. Name a GGUF file.`
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
  return models.length === 0 ? `${lacks} Copy the complete ${part} there.` : `${lacks}${nameInstead(models)}`;
}

/** A file in place of a folder with a model or adapter. */
export function folderNeeded(path: string, part: ModelPart): string {
  return part === "model"
    ? `${path} is a file, but not a GGUF file. Name the model's folder, or a GGUF file.`
    : `${path} is a file. Name the adapter's folder.`;
}

/** `reason` is the system's. */
export function localModelUnreadable(path: string, reason: string): string {
  return `Cannot read ${path}: ${reason}. Check its permissions.`;
}

/** For an engine that loads GGUF files alone; `hubBackend` loads models of the hub, null if the name is not one of a hub. */
export function ggufNotFound(
  path: string,
  { name, hubBackend }: { readonly name: string; readonly hubBackend: string | null },
): string {
  const hint = hubBackend === null
    ? ""
    : ` ${name} looks like a hub model; use backend ${hubBackend} for it.`;
  return `${path} does not exist. ${GGUF_ONLY}${hint}`;
}

export function ggufUnreachable(path: string, reason: string): string {
  return `Cannot read ${path}: ${reason}. ${GGUF_ONLY}`;
}

/** Where relative paths start. */
const FROM = "relative to the study file (without one, to the current folder)";
const GGUF_ONLY = `This engine loads GGUF files: name one, ${FROM}, or use tiny-random.`;

/** A model or adapter that can only be a local one. */
export function localModelNotFound(path: string, part: ModelPart): string {
  return part === "model"
    ? `${path} does not exist. Name a model folder or GGUF file, ${FROM}, ` +
      "or a hub model as owner/name."
    : `${path} does not exist. Name an adapter folder, ${FROM}, ` +
      "or a hub adapter in lora.adapter_id.";
}

/** A model that is not on this machine: where it was looked for, and why the hub does not provide it. */
export function modelNowhere(path: string, cacheReason: string, hubReason: string): string {
  return `${path} does not exist, ${cacheReason}, and ${hubReason}`;
}

export function notInHubCache(folder: string): string {
  return `it is not in the hub cache (${folder})`;
}

export function incompleteInHubCache(path: string, missing: readonly string[]): string {
  return `it is incomplete in the hub cache (${path} lacks ${missing.join(", ")})`;
}

export function unfinishedInHubCache(path: string): string {
  return `it is incomplete in the hub cache (${path} is an unfinished download; ` +
    "remove it if it belongs to another revision)";
}

export type UnfitRepository = "not_adapter" | "adapter" | "gguf_only" | "no_model";

/** A repository of the hub that cannot be loaded; `page` is its address. */
export function unfitRepository(page: string, unfit: UnfitRepository): string {
  switch (unfit) {
    case "not_adapter":
      return `${page} is not an adapter: it lacks adapter_config.json or adapter_model.safetensors.`;
    case "adapter":
      return `${page} is an adapter. Name it in lora.adapter_id, and its base model in model.`;
    case "gguf_only":
      return `${page} has only GGUF files. Download one and name that file in model.`;
    case "no_model":
      return `${page} lacks config.json, or weights in a supported format (model.safetensors, pytorch_model.bin).`;
  }
}

/** What to do instead of using the hub; follows `or`. */
export function useLocalFolder(part: ModelPart): string {
  return `name a local folder that contains the ${part}`;
}

/** `model owner/name@01234567`. */
export function modelAtCommit(hubId: string, commit: string): string {
  return `model ${hubId}@${commit.slice(0, 8)}`;
}

export function downloading(
  model: string,
  { left, present }: { left: string; present: string | null },
): string {
  return `${model}: downloading ${left}${present === null ? "" : ` (${present} already present)`}`;
}

export function downloaded(model: string, path: string): string {
  return `${model}: downloaded to ${path}`;
}

export function downloadFailed(endpoint: string, reason: string): string {
  return `the download from ${endpoint} failed: ${reason}`;
}

/** `reason` is one or more sentences. */
export function downloadResumes(reason: string): string {
  return `${reason} Downloaded data is kept; the next start resumes from there.`;
}

export function incompleteAfterDownload(path: string, missing: readonly string[]): string {
  return `${path} lacks ${missing.join(", ")} after the download`;
}

/** An unnamed holder of a download's lock. */
export function anotherProgram(): string {
  return "another program";
}

/** What is different about a file since the study began: this and the next three follow its path or `it`. */
export function noLongerExists(): string {
  return "no longer exists";
}

export function otherSize(before: number, now: number): string {
  return `has ${now} bytes instead of ${before}`;
}

export function otherContent(modified: string): string {
  return `has different content (modified ${modified} UTC)`;
}

export function lacksFiles(missing: readonly string[]): string {
  return `lacks ${missing.join(", ")}`;
}

/** `change` is one of the texts above. */
export function changedSinceStart(path: string, change: string): string {
  return `${path} has changed since the study began: it ${change}`;
}

/** A program of the user's own as it was when the study began. */
export function programMark(size: number, digest: string | null): string {
  return `${size} bytes, digest ${digest?.slice(0, 16) ?? "unknown"}`;
}

/** `change` is a sentence without its full stop; `subject` is what it is about. */
export function modelVanished(
  subject: string,
  change: string,
  download: { readonly id: string; readonly revision: string | null } | null,
): string {
  const remedy = download === null
    ? "Restore it, or start a new study."
    : `Run \`hf download ${download.id} --revision ${download.revision}\`, or start a new study.`;
  return `${subject}: ${change}. ${remedy}`;
}

/** The error of a run whose inputs have changed. */
export function inputChangedError(change: string): string {
  return `${change}. Restore it and resume with --resume DIR --retry-failed, or start a new study`;
}

/** inputs.json of another program or version. */
export function unknownSchema(schema: unknown): string {
  return `its schema is ${schema}`;
}

/** A `dataset` that is neither a known name nor a file nor a dataset of the hub. */
export function unknownDataset(dataset: string, defaultName: string): string {
  return `dataset ${
    JSON.stringify(dataset)
  } is not a known dataset. Name ${defaultName}, a .jsonl file, or a ` +
    "Hugging Face hub dataset as owner/name.";
}

/** What to do instead of using a dataset of the hub; follows `or`. */
export function useOtherPrompts(): string {
  return "use prompts from a file (dataset: { jsonl: FILE }) or synthetic prompts (dataset: { n: 100 })";
}

/** The remedy for rows of a file of the user's own that do not fit. */
export function writePromptObjects(): string {
  return 'Every line must be an object such as {"prompt": "Hello"}.';
}

/** The remedy for rows of a dataset of the hub that do not fit. */
export function nameTextColumn(dataset: string): string {
  return `Name a column that contains text: dataset: { hub: ${dataset}, column: NAME }.`;
}

/** A place in a file, what is wrong there, and the remedy. */
export function badPrompts(location: string, fault: string, remedy: string): string {
  return `${location}: ${fault}. ${remedy}`;
}

/** What is wrong with a row or a file of prompts: this and those that follow, up to the columns. */
export function notJson(reason: string): string {
  return `not JSON (${reason})`;
}

export function notUtf8(): string {
  return "not UTF-8";
}

export function notJsonObject(): string {
  return "not a JSON object";
}

export function notJsonList(): string {
  return "not a list of JSON objects";
}

export function noKnownField(known: readonly string[], found: readonly string[]): string {
  return `no field named ${orList(known)} (found ${found.join(", ") || "none"})`;
}

export function noField(name: string, found: readonly string[]): string {
  return `no field "${name}" (found ${found.join(", ") || "none"})`;
}

export function fieldIsList(field: string): string {
  return `"${field}" is a list, such as chat messages, not text`;
}

export function fieldIsNotText(field: string): string {
  return `"${field}" is not text`;
}

export function noKnownColumn(known: readonly string[], found: readonly string[]): string {
  return `no column named ${orList(known)}; ${columnsText(found)}`;
}

export function noColumn(name: string, found: readonly string[]): string {
  return `no column "${name}"; ${columnsText(found)}`;
}

/** `type` is one of {@link COLUMN_TYPE}, or the name of another type. */
export function columnIsNotText(name: string, type: string): string {
  return `column "${name}" contains ${type}, not text`;
}

/** Types of columns that hold no text; any other is called by its own name. */
export const COLUMN_TYPE = { lists: "lists, such as chat messages", structures: "structures" } as const;

function columnsText(names: readonly string[]): string {
  return names.length === 0 ? "it has no columns" : `its columns are ${names.join(", ")}`;
}

function orList(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

export function promptListTooLarge(path: string, size: string, most: string): string {
  return `${path}: a list of ${size}; lists are read up to ${most}. ` +
    'Convert it to lines of {"prompt": "..."} and use dataset: { jsonl: FILE }.';
}

export function promptLineTooLong(path: string, mostBytes: number): string {
  return `${path}: a line is longer than ${mostBytes} bytes. Put each prompt on a line of its own.`;
}

export function promptsUnreadable(path: string, reason: string): string {
  return `Cannot read prompts from ${path}: ${reason}. ` +
    'Name a file with one {"prompt": "..."} per line, relative to the study file.';
}

export function isDirectory(): string {
  return "it is a directory";
}

export function cachedPromptsUnreadable(path: string, reason: string): string {
  return `Cannot read prompts from ${path}: ${reason}. ` +
    "Check its permissions, or set HF_HUB_CACHE to another cache.";
}

/** `target` is the file in the cache that `path` links to. */
export function parquetUnreadable(path: string, target: string, reason: string): string {
  return `${path} is not a readable Parquet file (${reason}). ` +
    `Remove ${target} to download it again, or name another dataset.`;
}

export function endsEarly(): string {
  return "it ends early";
}

/** A model that is not beside the study file; `instead` is its path from there. */
export function modelInCurrentFolder(path: string, name: string, instead: string): string {
  const here = /^[./]/.test(name) ? name : `./${name}`;
  return `${path} does not exist. ${here} exists in the current folder, but paths start at the study file: ` +
    `write ${instead}.`;
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
  if (has > 0) return `${name} has ${plural(has, "prompt")}, but ${needed}. Add prompts or set n to ${has}.`;
  return isFile
    ? `${name} has no prompts, but ${needed}. Add lines such as {"prompt": "Hello"}.`
    : `${name} has no prompts, but ${needed}. Name another dataset, split or column.`;
}
