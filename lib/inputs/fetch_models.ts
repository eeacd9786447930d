import { bytesText } from "../base/bytes.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import type { ResolvedModel } from "../experiment/inputs.ts";
import { snapshotFolder } from "../hub/cached_repository.ts";
import { type HubEnvironment, hubEnvironment } from "../hub/hub_environment.ts";
import { missingFiles } from "../hub/model_files.ts";
import type { ProcessSpec } from "../process/spawn.ts";
import { freeSpace } from "../storage/free_space.ts";
import { downloadModel } from "./download_model.ts";
import type { WantedModel } from "./finding.ts";
import type { InputsContext } from "./inputs_context.ts";
import { subjectOf } from "./model_request.ts";

/** What a run is to be loaded with says what brings its model: it knows the cache it will read. */
export interface FetchContext extends InputsContext {
  /** The program that downloads (worker/python/main.py --fetch) for a configuration; a reason where there is none. */
  readonly fetcher: (config: ExperimentConfig) => ProcessSpec | { readonly reason: string };
}

/** Models by key, and a sentence for each that could not be brought. */
export interface FetchedModels {
  readonly models: ReadonlyMap<string, ResolvedModel>;
  readonly problems: readonly string[];
}

/** Brings models into the hub's cache, one after the other, and ends at the first that fails. Throws on abort. */
export async function fetchModels(
  wanted: readonly WantedModel[],
  context: FetchContext,
): Promise<FetchedModels> {
  const hub = hubEnvironment(context.env);
  const models = new Map<string, ResolvedModel>();
  const full = spaceProblem(wanted, hub.cache);
  if (full !== null) return { models, problems: [full] };
  for (const model of wanted) {
    const problem = await fetchOne(model, hub, context);
    context.signal.throwIfAborted();
    if (problem !== null) return { models, problems: [`${subjectOf(model.request)}: ${problem}`] };
    const { hub_id, commit: revision } = model;
    models.set(model.request.key, { kind: "hub", path: pathOf(model, hub), hub_id, revision });
  }
  return { models, problems: [] };
}

/** Null where the model is there now. */
async function fetchOne(
  model: WantedModel,
  hub: HubEnvironment,
  context: FetchContext,
): Promise<string | null> {
  const spec = context.fetcher(model.request.config);
  if ("reason" in spec) return spec.reason;
  const failure = await downloadModel(spec, model, hub, context);
  if (failure !== null) return `the download from ${hub.endpoint} failed: ${failure}`;
  const missing = missingFiles(pathOf(model, hub), model.request.part);
  return missing.length === 0 ? null : `${pathOf(model, hub)} lacks ${missing.join(", ")} after the download`;
}

function pathOf({ hub_id, commit }: WantedModel, { cache }: HubEnvironment): string {
  return snapshotFolder(cache, "model", hub_id, commit);
}

/** Of files that another revision has brought already the size counts too: to be told too much is the safer side. */
function spaceProblem(wanted: readonly WantedModel[], cache: string): string | null {
  const need = wanted.flatMap(({ files }) => files).reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const free = freeSpace(cache);
  if (free === null || free.bytes >= need) return null;
  const names = wanted.map(({ hub_id }) => hub_id).join(", ");
  return `too little space in ${cache} to download ${names}: ${bytesText(need)} needed, ${
    bytesText(free.bytes)
  } ` +
    "free. Free some, or set HF_HUB_CACHE to a folder on another disk.";
}
