import { bytesText } from "../base/bytes.ts";
import type { ResolvedModel } from "../experiment/inputs.ts";
import { snapshotFolder } from "../hub/cached_repository.ts";
import { bytesToCome, downloadFiles, rememberCommit } from "../hub/download.ts";
import { type HubEnvironment, hubEnvironment } from "../hub/hub_environment.ts";
import { hubTrouble } from "../hub/hub_problem.ts";
import type { HubRepository } from "../hub/hub_repository.ts";
import { missingFiles } from "../hub/model_files.ts";
import { patientFetch } from "../hub/patient_fetch.ts";
import { roomProblem } from "../hub/room.ts";
import { Problem } from "../base/problem.ts";
import { freeSpace } from "../storage/free_space.ts";
import { downloadWork } from "./download_work.ts";
import type { WantedModel } from "./finding.ts";
import type { InputsContext } from "./inputs_context.ts";
import * as say from "./messages.ts";
import { aboutRequest } from "./model_request.ts";

/** Models by key, and a sentence for each that could not be brought. */
export interface FetchedModels {
  readonly models: ReadonlyMap<string, ResolvedModel>;
  readonly problems: readonly string[];
}

/** Brings models into the hub's cache, one after the other, and ends at the first that fails. Throws on abort. */
export async function fetchModels(
  wanted: readonly WantedModel[],
  context: InputsContext,
): Promise<FetchedModels> {
  const hub = hubEnvironment(context.env);
  const models = new Map<string, ResolvedModel>();
  const full = spaceProblem(wanted, hub, context);
  if (full !== null) return { models, problems: [full] };
  for (const model of wanted) {
    const problem = await fetchOne(model, hub, context);
    context.signal.throwIfAborted();
    if (problem !== null) return { models, problems: [aboutRequest(model.request, problem)] };
    const { hub_id, commit: revision } = model;
    models.set(model.request.key, { kind: "hub", path: pathOf(model, hub), hub_id, revision });
  }
  return { models, problems: [] };
}

/** Null where the model is there now. */
async function fetchOne(
  model: WantedModel,
  hub: HubEnvironment,
  context: InputsContext,
): Promise<string | null> {
  const { hub_id, commit, files, request } = model;
  const repository = repositoryOf(model, hub, context);
  const subject = say.modelAtCommit(hub_id, commit);
  const left = bytesToCome(repository, commit, files);
  const total = sumBytes(files);
  const present = left < total ? bytesText(total - left) : null;
  context.say(say.downloading(subject, { left: bytesText(left), present }));
  try {
    await downloadFiles(repository, commit, files, downloadWork(context));
    rememberCommit(repository, request.revision ?? "main", commit);
  } catch (error) {
    context.signal.throwIfAborted();
    return say.downloadFailed(hub.endpoint, failureText(error, model, hub));
  }
  const path = pathOf(model, hub);
  const missing = missingFiles(path, request.part);
  if (missing.length > 0) return say.incompleteAfterDownload(path, missing);
  context.say(say.downloaded(subject, path));
  return null;
}

/** Throws what is no failure of a download. */
function failureText(error: unknown, { hub_id: id, request }: WantedModel, hub: HubEnvironment): string {
  if (error instanceof Problem) return error.message;
  const instead = say.useLocalFolder(request.part);
  const trouble = hubTrouble(error, { kind: "model", id, revision: request.revision, instead }, hub);
  if (trouble === null) throw error;
  return say.downloadResumes(trouble);
}

function repositoryOf(
  { hub_id: id }: WantedModel,
  hub: HubEnvironment,
  context: InputsContext,
): HubRepository {
  return { kind: "model", id, hub, fetch: patientFetch(hub, downloadWork(context)) };
}

function pathOf({ hub_id, commit }: WantedModel, { cache }: HubEnvironment): string {
  return snapshotFolder(cache, "model", hub_id, commit);
}

function sumBytes(files: WantedModel["files"]): number {
  return files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
}

function spaceProblem(
  wanted: readonly WantedModel[],
  hub: HubEnvironment,
  context: InputsContext,
): string | null {
  const needs = wanted.map((model) =>
    bytesToCome(repositoryOf(model, hub, context), model.commit, model.files)
  );
  const need = needs.reduce((sum, bytes) => sum + bytes, 0);
  const names = wanted.map(({ hub_id }) => hub_id).join(", ");
  return roomProblem(hub.cache, need, freeSpace(hub.cache)?.bytes ?? null, names);
}
