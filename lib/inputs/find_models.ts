import { unreachable } from "../base/unreachable.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import type { ResolvedModel } from "../experiment/inputs.ts";
import { isHubId, isPathLike } from "../experiment/model_name.ts";
import { hubEnvironment } from "../hub/hub_environment.ts";
import type { Finding, WantedModel } from "./finding.ts";
import { findInCache, findOnHub } from "./hub_model.ts";
import type { InputsContext } from "./inputs_context.ts";
import { findGgufFile, findLocal, notThere } from "./local_model.ts";
import { modelToDownload } from "./messages.ts";
import { type ModelRequest, modelRequests, subjectOf } from "./model_request.ts";

/** Models and adapters by key, those yet to be fetched, and a sentence for each that is nowhere. */
export interface FoundModels {
  readonly models: ReadonlyMap<string, ResolvedModel>;
  readonly wanted: readonly WantedModel[];
  readonly problems: readonly string[];
  /** Models that a run would download, as far as the hub's cache tells: a sentence each; only where the hub is not asked. */
  readonly downloads: readonly string[];
}

/**
 * Looks for the model and the adapter of every configuration, each once. Writes nothing. Throws where the signal aborts. Unless
 * `asksHub`, one that only the network could tell of counts as brought by its engine.
 */
export async function findModels(
  configs: readonly ExperimentConfig[],
  context: InputsContext,
  { asksHub = true }: { readonly asksHub?: boolean } = {},
): Promise<FoundModels> {
  const models = new Map<string, ResolvedModel>();
  const wanted: WantedModel[] = [];
  const problems: string[] = [];
  const downloads = new Set<string>();
  const requests = modelRequests(configs);
  const findings = await Promise.all(requests.map((request) => find(request, context, asksHub)));
  for (const [index, request] of requests.entries()) {
    const { key } = request;
    const finding = findings[index] ?? { model: null };
    if ("problem" in finding) problems.push(finding.problem);
    else if ("wanted" in finding) wanted.push(finding.wanted);
    else if ("uncached" in finding) downloads.add(modelToDownload(subjectOf(request), finding.uncached));
    else if (finding.model !== null) models.set(key, finding.model);
  }
  return { models, wanted, problems, downloads: [...downloads] };
}

async function find(request: ModelRequest, context: InputsContext, asksHub: boolean): Promise<Finding> {
  const { models } = ENGINE_DECLARATIONS[request.config.backend];
  switch (models) {
    case "elsewhere":
      return { model: null };
    case "gguf_file":
      return findGgufFile(request, context);
    case "hub": {
      const local = findLocal(request, context);
      if (local !== null) return local;
      const { name, isLocal } = request;
      if (isLocal || isPathLike(name) || !isHubId(name)) return notThere(request, context);
      const hub = hubEnvironment(context.env);
      return asksHub || hub.offline !== null
        ? await findOnHub(request, hub, context)
        : findInCache(request, hub);
    }
    default:
      return unreachable(models);
  }
}
