import { cachedCommit, repositoryFolder } from "../hub/cached_repository.ts";
import type { HubEnvironment } from "../hub/hub_environment.ts";
import { hubTrouble } from "../hub/hub_problem.ts";
import { checkAccess, hubCommit, hubFiles, type HubRepository } from "../hub/hub_repository.ts";
import { filesToLoad, missingFiles, type ModelPart } from "../hub/model_files.ts";
import { patientFetch } from "../hub/patient_fetch.ts";
import { downloadWork } from "./download_work.ts";
import type { Finding, WantedModel } from "./finding.ts";
import type { InputsContext } from "./inputs_context.ts";
import { pathOf } from "./local_model.ts";
import * as say from "./messages.ts";
import { aboutRequest, type ModelRequest } from "./model_request.ts";

/**
 * A model in the hub's cache, taken as it is there, or else on the hub. Writes nothing. Throws where the context's signal
 * aborts.
 */
export async function findOnHub(
  request: ModelRequest,
  hub: HubEnvironment,
  context: InputsContext,
): Promise<Finding> {
  const { name: id, part, revision } = request;
  const cached = lookInCache(request, hub);
  if ("path" in cached) {
    return { model: { kind: "hub", path: cached.path, hub_id: id, revision: cached.commit } };
  }
  const problem = (text: string): Finding => ({ problem: aboutRequest(request, text) });
  try {
    const { commit, files } = await modelOnHub({
      kind: "model",
      id,
      hub,
      fetch: patientFetch(hub, downloadWork(context)),
    }, revision);
    const names = filesToLoad(files.map(({ path }) => path), part);
    return names === null
      ? problem(say.unfitRepository(`${hub.endpoint}/${id}`, unfit(files.map(({ path }) => path), part)))
      : { wanted: { request, hub_id: id, commit, files: files.filter(({ path }) => names.includes(path)) } };
  } catch (error) {
    const instead = say.useLocalFolder(part);
    const trouble = hubTrouble(error, { kind: "model", id, revision, instead }, hub);
    if (trouble === null) throw error;
    return problem(say.modelNowhere(pathOf(request, context), cached.reason, trouble));
  }
}

/** A model in the hub's cache, or why it is not taken from there: the network is not asked. */
export function findInCache(request: ModelRequest, hub: HubEnvironment): Finding {
  const cached = lookInCache(request, hub);
  if (!("path" in cached)) return { uncached: cached.reason };
  return { model: { kind: "hub", path: cached.path, hub_id: request.name, revision: cached.commit } };
}

/** Throws what hubFetch() throws, also for files that the token may not read. */
async function modelOnHub(
  repository: HubRepository,
  revision: string | null,
): Promise<Pick<WantedModel, "commit" | "files">> {
  const commit = await hubCommit(repository, revision ?? "main");
  const files = await hubFiles(repository, commit);
  const [file] = files;
  if (file !== undefined) await checkAccess(repository, commit, file);
  return { commit, files };
}

function lookInCache(
  { name, part, revision }: ModelRequest,
  { cache }: HubEnvironment,
): { readonly path: string; readonly commit: string } | { readonly reason: string } {
  const folder = repositoryFolder(cache, "model", name);
  const cached = cachedCommit(cache, "model", name, revision);
  if (cached === null) return { reason: say.notInHubCache(folder) };
  const missing = missingFiles(cached.path, part);
  if (missing.length > 0) return { reason: say.incompleteInHubCache(cached.path, missing) };
  const unfinished = unfinishedDownload(folder);
  return unfinished === null ? cached : { reason: say.unfinishedInHubCache(unfinished) };
}

/** What a download that was broken off leaves. */
function unfinishedDownload(folder: string): string | null {
  try {
    const found = [...Deno.readDirSync(`${folder}/blobs`)].find(({ name }) => name.endsWith(".incomplete"));
    return found === undefined ? null : `${folder}/blobs/${found.name}`;
  } catch {
    return null;
  }
}

/** Why a repository cannot be loaded. */
function unfit(names: readonly string[], part: ModelPart): say.UnfitRepository {
  if (part === "adapter") return "not_adapter";
  if (names.includes("adapter_config.json") && !names.includes("config.json")) return "adapter";
  return names.some((name) => name.endsWith(".gguf")) ? "gguf_only" : "no_model";
}
