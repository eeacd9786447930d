import { basename, dirname, join } from "node:path";
import { namesIn } from "../base/files.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { ResolvedModel } from "../experiment/inputs.ts";
import { filesToLoad, type ModelPart } from "../hub/model_files.ts";
import { type FileMark, markFile } from "./file_mark.ts";
import { modelRequests } from "./model_request.ts";
import type { StudyInputs } from "./study_inputs.ts";

/** The marks of the files of every model and adapter of these configurations, by the key of the model. */
export function markModels(
  configs: readonly ExperimentConfig[],
  inputs: StudyInputs,
): Map<string, readonly FileMark[]> {
  const marks = new Map<string, readonly FileMark[]>();
  for (const { key, part } of modelRequests(configs)) {
    const model = inputs.model(key);
    if (model === null) continue;
    marks.set(key, filesOf(model, part).map(markFile).filter((mark) => mark !== null));
  }
  return marks;
}

/** What is loaded: weights in one file or in parts, and of a folder the tokenizer and configuration, too. */
function filesOf({ kind, path }: ResolvedModel, part: ModelPart): string[] {
  if (path === null) return [];
  if (kind === "file") return partsOf(path);
  const names = namesIn(path);
  return (filesToLoad(names, part) ?? names).map((name) => join(path, name));
}

/** `<name>-00001-of-00003.gguf` stands for all three: the library loads the others by their names. */
function partsOf(path: string): string[] {
  const [, name, count] = /^(.+)-\d{5}-of-(\d{5})\.gguf$/.exec(basename(path)) ?? [];
  if (name === undefined || count === undefined) return [path];
  return Array.from(
    { length: Number(count) },
    (_, index) => join(dirname(path), `${name}-${String(index + 1).padStart(5, "0")}-of-${count}.gguf`),
  );
}
