import { join, relative } from "node:path";
import { exists, namesIn } from "../base/files.ts";
import { pathFrom } from "../base/expand_home.ts";
import { DEFAULT_BACKEND } from "../experiment/engines.ts";
import type { ResolvedModel } from "../experiment/inputs.ts";
import { BUILT_IN_MODEL, isPathLike } from "../experiment/model_name.ts";
import { filesToLoad, missingFiles } from "../hub/model_files.ts";
import type { Finding } from "./finding.ts";
import { isGguf } from "./weights/gguf.ts";
import * as say from "./messages.ts";
import { ggufFilesIn, ggufTrouble, weightsTrouble } from "./weights/weights_trouble.ts";
import type { InputsContext } from "./inputs_context.ts";
import { aboutRequest, type ModelRequest } from "./model_request.ts";

/** A GGUF file for an engine that loads nothing else. */
export function findGgufFile(request: ModelRequest, context: InputsContext): Finding {
  if (request.name === BUILT_IN_MODEL) return { model: null };
  const path = pathOf(request, context);
  const problem = (text: string): Finding => ({ problem: aboutRequest(request, text) });
  const kind = kindOf(path);
  switch (kind) {
    case "file": {
      const trouble = ggufTrouble({ path, name: request.name });
      return trouble === null ? { model: local("file", path) } : problem(trouble);
    }
    case "folder":
      return problem(say.isFolder(path, ggufFilesIn({ path, name: request.name })));
    case null:
      return problem(
        elsewhere(path, request, context) ??
          say.ggufNotFound(path, { name: request.name, hubBackend: hubBackendFor(request.name) }),
      );
    default:
      return problem(say.ggufUnreachable(path, kind.reason));
  }
}

/** A folder or a GGUF file of this machine; null where nothing of that name is there. */
export function findLocal(request: ModelRequest, context: InputsContext): Finding | null {
  const path = pathOf(request, context);
  const problem = (text: string): Finding => ({ problem: aboutRequest(request, text) });
  const kind = kindOf(path);
  switch (kind) {
    case "file":
      if (request.part === "model" && isGguf(path)) {
        const trouble = ggufTrouble({ path, name: request.name });
        return trouble === null ? { model: local("file", path) } : problem(trouble);
      }
      return problem(say.folderNeeded(path, request.part));
    case "folder": {
      const missing = missingFiles(path, request.part);
      if (missing.length === 0) {
        const trouble = folderTrouble(path, request.part);
        return trouble === null ? { model: local("folder", path) } : problem(trouble);
      }
      const models = request.part === "model" ? ggufFilesIn({ path, name: request.name }) : [];
      return problem(say.folderLacks(path, { missing, part: request.part, models }));
    }
    case null:
      return null;
    default:
      return problem(say.localModelUnreadable(path, kind.reason));
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
  const path = pathOf(request, context);
  const text = elsewhere(path, request, context) ?? say.localModelNotFound(path, request.part);
  return { problem: aboutRequest(request, text) };
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
  path: string,
  { name }: ModelRequest,
  { base_dir, env, cwd = Deno.cwd() }: InputsContext,
): string | null {
  const there = pathFrom(cwd, name, env);
  return there === path || !exists(there)
    ? null
    : say.modelInCurrentFolder(path, name, relative(base_dir, there));
}

/** The backend for a name that looks like one of the hub; null for any other. */
function hubBackendFor(name: string): string | null {
  return isPathLike(name) || !/^[\w.-]+\/[\w.-]+$/.test(name) ? null : DEFAULT_BACKEND;
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
