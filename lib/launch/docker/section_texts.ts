import { isJsonObject, type Json } from "../../base/json.ts";
import { ENGINES } from "../../engines/engines.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import { readPath } from "../../experiment/read_path.ts";
import { namedInterpreter } from "../../python/python_needs.ts";

/** Every text in a run's section for its engine, but for the interpreter of the image. */
export function sectionTexts(config: ExperimentConfig): string[] {
  const { backend } = config;
  const { worker } = ENGINES[backend];
  const python = worker?.kind === "python" ? namedInterpreter(config, worker.python.field) : null;
  return textsOf(readPath(config, backend)).filter((text) => text !== python);
}

/** True where the engine may do code that comes with a model, and so load more than the model. */
export function allowsRemoteCode(config: ExperimentConfig): boolean {
  const { remote_code } = ENGINES[config.backend].failures.options;
  return remote_code !== undefined && readPath(config, remote_code) === true;
}

/** Every text that a value holds, at any depth; names of keys are none. */
export function textsOf(value: Json | undefined): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isJsonObject(value) ? Object.values(value).flatMap(textsOf) : [];
}
