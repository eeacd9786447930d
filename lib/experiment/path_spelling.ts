import { posix } from "node:path";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { PathKind } from "./engine_declaration.ts";
import type { Backend } from "./engines.ts";
import { ENGINE_DECLARATIONS } from "./engines.ts";
import { BUILT_IN_MODEL, isHubId, isPathLike } from "./model_name.ts";
import { scriptIndex } from "./command_line.ts";
import { putPath } from "./put_path.ts";
import { readPath } from "./read_path.ts";

/** Another spelling of each path of a configuration, by its kind. */
export type Respell = (path: string, kind: Exclude<PathKind, "command_line">) => string;

/**
 * One spelling for every path with one meaning: `./m.gguf` and `sub/../m.gguf` are `m.gguf`. Lexical, as every path here
 * is resolved; whether a file is there does not matter. A program keeps its `./`, without which it is one of PATH; so
 * does a folder whose name would otherwise be one of the hub.
 */
export function oneSpelling(path: string, kind: Parameters<Respell>[1]): string {
  if (kind === "program" && !path.includes("/")) return path;
  const plain = normalised(path);
  const isOtherThing = plain.startsWith("~") && !path.startsWith("~") ||
    kind === "program" && !plain.includes("/") ||
    kind === "hub" && isHubName(plain) && !isHubName(path);
  return isOtherThing ? `./${plain}` : plain;
}

/** The configuration of a backend with every path spelt by `respell`. */
export function withPathsSpelt(config: JsonObject, backend: Backend, respell: Respell): JsonObject {
  const { models, path_fields } = ENGINE_DECLARATIONS[backend];
  let spelt = config;
  const at = (path: string, kind: PathKind): void => {
    const value = readPath(spelt, path);
    const other = speltValue(value, kind, respell);
    if (other !== value) spelt = putPath(spelt, path.split("."), other);
  };
  if (models === "hub") at("model", "hub");
  if (models === "gguf_file" && spelt.model !== BUILT_IN_MODEL) {
    at("model", "file");
    if (spelt.model === BUILT_IN_MODEL) spelt = { ...spelt, model: `./${BUILT_IN_MODEL}` };
  }
  const { dataset } = spelt;
  if (typeof dataset === "string" && dataset.endsWith(".jsonl")) at("dataset", "file");
  if (isJsonObject(dataset)) at("dataset.jsonl", "file");
  if (isJsonObject(spelt.lora)) {
    at("lora.adapter_path", "file");
    at("lora.adapter_id", "hub");
  }
  for (const [path, kind] of Object.entries(path_fields)) at(path, kind);
  return spelt;
}

function speltValue(value: Json | undefined, kind: PathKind, respell: Respell): Json | undefined {
  if (kind !== "command_line") return typeof value === "string" ? respell(value, kind) : value;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) return value;
  const script = scriptIndex(value);
  const spelt = value.map((item, index) =>
    index === 0 ? respell(item, "program") : index === script ? respell(item, "file") : item
  );
  return spelt.every((item, index) => item === value[index]) ? value : spelt;
}

function isHubName(name: string): boolean {
  return isHubId(name) && !isPathLike(name);
}

/** Without `.`, `..` in the middle, doubled slashes and one at the end; the user's home is no folder to leave by `..`. */
function normalised(path: string): string {
  if (path === "" || path === "~") return path;
  if (path.startsWith("~/")) return `~/${normalised(path.slice(2).replace(/^\/+/, "") || ".")}`;
  const plain = posix.normalize(path);
  return plain.length > 1 && plain.endsWith("/") ? plain.slice(0, -1) : plain;
}
