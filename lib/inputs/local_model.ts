import { join, relative } from "node:path";
import { exists, namesIn } from "../base/files.ts";
import { pathFrom } from "../base/expand_home.ts";
import { DEFAULT_BACKEND } from "../experiment/engines.ts";
import type { ResolvedModel } from "../experiment/inputs.ts";
import { BUILT_IN_MODEL, isPathLike } from "../experiment/model_name.ts";
import { filesToLoad, missingFiles } from "../hub/model_files.ts";
import type { Finding } from "./finding.ts";
import { isGguf } from "./gguf.ts";
import { folderLacks, isFolder, modelInCurrentFolder } from "./messages.ts";
import { ggufFilesIn, ggufTrouble, weightsTrouble } from "./weights_trouble.ts";
import type { InputsContext } from "./inputs_context.ts";
import { type ModelRequest, subjectOf } from "./model_request.ts";

/** A GGUF file for an engine that loads nothing else. */
export function findGgufFile(request: ModelRequest, context: InputsContext): Finding {
  if (request.name === BUILT_IN_MODEL) return { model: null };
  const path = pathOf(request, context);
  const problem = (text: string): Finding => ({ problem: `${subjectOf(request)}: ${text}` });
  const advice = `This engine loads GGUF files: name one, relative to ${startOf(context)}, or tiny-random.`;
  const kind = kindOf(path);
  switch (kind) {
    case "file": {
      const trouble = ggufTrouble({ path, name: request.name });
      return trouble === null ? { model: local("file", path) } : problem(trouble);
    }
    case "folder":
      return problem(isFolder(path, ggufFilesIn({ path, name: request.name })));
    case null:
      return problem(
        `${path} does not exist. ${elsewhere(request, context) ?? advice}${hubHint(request.name)}`,
      );
    default:
      return problem(`${path}: ${kind.reason}. ${advice}`);
  }
}

/** A folder or a GGUF file of this machine; null where nothing of that name is there. */
export function findLocal(request: ModelRequest, context: InputsContext): Finding | null {
  const path = pathOf(request, context);
  const problem = (text: string): Finding => ({ problem: `${subjectOf(request)}: ${text}` });
  const kind = kindOf(path);
  switch (kind) {
    case "file":
      if (request.part === "model" && isGguf(path)) {
        const trouble = ggufTrouble({ path, name: request.name });
        return trouble === null ? { model: local("file", path) } : problem(trouble);
      }
      return problem(
        `${path} is a file${request.part === "model" ? ", and no GGUF file" : ""}. Name the folder it is in.`,
      );
    case "folder": {
      const missing = missingFiles(path, request.part);
      if (missing.length === 0) {
        const trouble = folderTrouble(path, request.part);
        return trouble === null ? { model: local("folder", path) } : problem(trouble);
      }
      const models = request.part === "model" ? ggufFilesIn({ path, name: request.name }) : [];
      return problem(folderLacks(path, { missing, part: request.part, models }));
    }
    case null:
      return null;
    default:
      return problem(`${path}: ${kind.reason}. Make it readable for you.`);
  }
}

/** Why weights of a folder that has all of its files cannot be loaded; null where they may. */
function folderTrouble(path: string, part: ModelRequest["part"]): string | null {
  const names = filesToLoad(namesIn(path), part) ?? [];
  for (const name of names) {
    const trouble = /\.(safetensors|bin)$/.test(name) ? weightsTrouble(join(path, name)) : null;
    if (trouble !== null) return trouble;
  }
  return null;
}

/** Nothing is there, and nowhere else is looked. */
export function notThere(request: ModelRequest, context: InputsContext): Finding {
  const { part } = request;
  const what = part === "model" ? "a folder with a model, or a GGUF file" : "a folder with an adapter";
  const there = elsewhere(request, context);
  if (there !== null) {
    return { problem: `${subjectOf(request)}: ${pathOf(request, context)} does not exist. ${there}` };
  }
  const text = `${pathOf(request, context)} does not exist. Name ${what}, relative to ${startOf(context)}`;
  const hub = part === "model"
    ? ", or a model of the hub as owner/name"
    : ", or one of the hub with lora.adapter_id";
  return { problem: `${subjectOf(request)}: ${text}${hub}.` };
}

function local(kind: "folder" | "file", path: string): ResolvedModel {
  return { kind, path, hub_id: null, revision: null };
}

/** The place on this machine that a name may mean. */
export function pathOf({ name }: ModelRequest, { base_dir, env }: InputsContext): string {
  return pathFrom(base_dir, name, env);
}

/** What to write for a path that is meant from the folder where llem was started; null where nothing is there either. */
function elsewhere(
  { name }: ModelRequest,
  { base_dir, env, cwd = Deno.cwd() }: InputsContext,
): string | null {
  const path = pathFrom(cwd, name, env);
  if (cwd === base_dir || path === pathFrom(base_dir, name, env) || !exists(path)) return null;
  return modelInCurrentFolder(name, relative(base_dir, path));
}

/** Where relative paths start, in words. A command line without a study file has the current folder for its own. */
function startOf({ base_dir, cwd = Deno.cwd() }: InputsContext): string {
  return base_dir === cwd ? "the current folder" : "the study file";
}

function hubHint(name: string): string {
  if (isPathLike(name) || !/^[\w.-]+\/[\w.-]+$/.test(name)) return "";
  return ` ${name} looks like a name of the hub, which backend ${DEFAULT_BACKEND} takes.`;
}

/** Null where nothing is there. */
function kindOf(path: string): "file" | "folder" | { readonly reason: string } | null {
  try {
    return Deno.statSync(path).isDirectory ? "folder" : "file";
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    return isMissing ? null : { reason: (error as Error).message };
  }
}
