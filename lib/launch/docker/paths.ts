import { dirname, join } from "node:path";
import { pathFrom } from "../../base/expand_home.ts";
import { exists } from "../../base/files.ts";
import { CACHE_FOLDER, CACHE_VARIABLES } from "../../engines/caches.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import type { ResolvedModel } from "../../experiment/inputs.ts";
import { hubHome, hubPath } from "../../hub/hub_environment.ts";
import type { AttemptRequest } from "../attempt_request.ts";
import type { Mount } from "./mounts.ts";
import { sectionTexts } from "./section_texts.ts";

/** A text that can be nothing but a path. */
const PATH = /^(\/|~\/|\.\.?\/)/;

type Env = Readonly<Record<string, string>>;

/** The variables that name folders of the hub's cache. */
const HUB_PATHS = [
  "HF_HUB_CACHE",
  "HUGGINGFACE_HUB_CACHE",
  "TRANSFORMERS_CACHE",
  "HF_ASSETS_CACHE",
  "HF_MODULES_CACHE",
];

/** The variables that name files which a worker reads before it has loaded anything. */
const FILES = ["HF_TOKEN_PATH", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/**
 * The environment with absolute paths in it: neither the home nor the current folder are the same inside.
 * HF_HOME is named in any case.
 */
export function absolutePaths(env: Env, cwd: string): Record<string, string> {
  const named = [...HUB_PATHS, ...CACHE_VARIABLES, ...FILES].filter((name) =>
    (env[name] ?? "").trim() !== ""
  );
  const paths = named.map((name) => [name, hubPath(env[name] ?? "", env, cwd)] as const);
  return { ...env, HF_HOME: hubHome(env, cwd), ...Object.fromEntries(paths) };
}

/**
 * Everything of this machine that a run may want to see, under its own path: the study directory and the
 * hub's cache to write to, the study file's folder, the model, the adapter and what the engine's section names by path
 * (engine files, a draft model) to read. What does not exist is left out: docker refuses it, and the worker names it better.
 */
export function runMounts(
  request: AttemptRequest,
  { study_dir, env }: { readonly study_dir: string; readonly env: Env },
): Mount[] {
  const { base_dir, inputs, run } = request;
  const writable = [request.study_dir, study_dir, ...hubFolders(env), ...cacheFolders(env)];
  const readable = [
    base_dir,
    ...hubFiles(env),
    ...modelPaths(inputs.model),
    ...modelPaths(inputs.adapter),
    ...localPaths(run.config).map((path) => pathFrom(base_dir, path, env)),
    ...sectionTexts(run.config).filter((text) => PATH.test(text)).map((path) =>
      pathFrom(base_dir, path, env)
    ),
  ];
  return [
    ...writable.map((path) => ({ path, writable: true })),
    ...readable.map((path) => ({ path, writable: false })),
  ].filter(({ path }) => exists(path));
}

/** Where everything of the hub is read and written; of absolute paths. */
export function hubFolders(env: Env): string[] {
  return ["HF_HOME", ...HUB_PATHS].map((name) => env[name] ?? "").filter((path) => path !== "");
}

/**
 * Of what keeps its cache in the home folder, which goes with a container: beside what the worker keeps for all runs of the
 * study, and removed with that.
 */
export function ownCaches(study_dir: string): Record<string, string> {
  const folder = join(study_dir, CACHE_FOLDER);
  return { FLASHINFER_WORKSPACE_BASE: join(folder, "flashinfer"), CUDA_CACHE_PATH: join(folder, "cuda") };
}

/** Where engines keep what they compile; of absolute paths. */
export function cacheFolders(env: Env): string[] {
  return CACHE_VARIABLES.map((name) => env[name] ?? "").filter((path) => path !== "");
}

/** What is read to reach the hub; of absolute paths. */
export function hubFiles(env: Env): string[] {
  return FILES.map((name) => env[name] ?? "").filter(exists);
}

/**
 * The model that was found. Its parts may lie beside it: the other files of a split one, the blobs of a
 * cached one.
 */
function modelPaths(model: ResolvedModel | null): string[] {
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
