import { dirname, join, resolve } from "node:path";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { RunInputs } from "../experiment/inputs.ts";
import type { AttemptRequest } from "../runner/attempt.ts";
import type { Mount } from "./docker_mounts.ts";

type Env = Readonly<Record<string, string>>;

/** The variables that name folders or files of the hub's cache. */
const HUB_PATHS = [
  "HF_HUB_CACHE",
  "HUGGINGFACE_HUB_CACHE",
  "TRANSFORMERS_CACHE",
  "HF_ASSETS_CACHE",
  "HF_MODULES_CACHE",
];

/** The folder of everything that comes from the hub, by the rules of its own libraries; absolute. */
export function hubHome(env: Env, cwd: string): string {
  const { HF_HOME: own = "", XDG_CACHE_HOME: cache = "", HOME: home = "/" } = env;
  const folder = own !== "" ? own : join(cache !== "" ? cache : join(home, ".cache"), "huggingface");
  return resolve(cwd, folder.startsWith("~/") ? join(home, folder.slice(2)) : folder);
}

/**
 * Everything of this machine that a run may want to see, under its own path: the study directory and the
 * hub's cache to write to, the study file's folder, the model and the adapter to read. What does not exist
 * is left out: docker refuses it, and the worker names it better.
 */
export function runMounts(
  request: AttemptRequest,
  { study_dir, env, cwd }: { readonly study_dir: string; readonly env: Env; readonly cwd: string },
): Mount[] {
  const { base_dir, inputs, run } = request;
  const writable = [request.study_dir, study_dir, ...hubFolders(env, cwd)];
  const tokenFile = env["HF_TOKEN_PATH"] ?? "";
  const readable = [
    base_dir,
    ...(tokenFile === "" ? [] : [resolve(cwd, tokenFile)]),
    ...modelPaths(inputs),
    ...localPaths(run.config).map((path) => resolve(base_dir, path)),
  ];
  return [
    ...writable.map((path) => ({ path, writable: true })),
    ...readable.map((path) => ({ path, writable: false })),
  ].filter(({ path }) => exists(path));
}

/** Where everything of the hub is read and written. */
export function hubFolders(env: Env, cwd: string): string[] {
  const named = HUB_PATHS.map((name) => env[name] ?? "").filter((path) => path !== "");
  return [hubHome(env, cwd), ...named.map((path) => resolve(cwd, path))];
}

/**
 * The model that was found. Its parts may lie beside it: the other files of a split one, the blobs of a
 * cached one.
 */
function modelPaths({ model }: RunInputs): string[] {
  if (model === null || model.path === null) return [];
  switch (model.kind) {
    case "folder":
      return [model.path];
    case "file":
      return [dirname(model.path)];
    case "hub":
      return [dirname(dirname(model.path))];
  }
}

/** What a configuration may name by path. */
function localPaths({ model, lora }: ExperimentConfig): string[] {
  return [model, lora?.adapter_path ?? "", lora?.adapter_id ?? ""].filter((path) => path !== "");
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
