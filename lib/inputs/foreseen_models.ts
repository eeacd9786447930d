import type { ExperimentConfig } from "../experiment/config.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import { hubEnvironment } from "../hub/hub_environment.ts";
import { findOnHub, isHubId } from "./hub_model.ts";
import type { InputsContext } from "./inputs_context.ts";
import { findGgufFile, findLocal, isPathLike, notThere } from "./local_model.ts";
import { type ModelRequest, modelRequests } from "./model_request.ts";

/**
 * A sentence for each model of these configurations that surely cannot be found, as far as the files of this machine tell.
 * Nothing is asked of the network: a model of the hub is taken to be there, unless the environment forbids the network.
 */
export async function foreseenModelProblems(
  configs: readonly ExperimentConfig[],
  place: Pick<InputsContext, "base_dir" | "env">,
): Promise<string[]> {
  const context = { ...place, signal: new AbortController().signal, say: () => {} };
  const problems = await Promise.all(modelRequests(configs).map((request) => problemOf(request, context)));
  return problems.filter((problem) => problem !== null);
}

async function problemOf(request: ModelRequest, context: InputsContext): Promise<string | null> {
  if (ENGINE_DECLARATIONS[request.config.backend].models === "gguf_file") {
    return problemIn(findGgufFile(request, context));
  }
  const { name, isLocal } = request;
  const local = findLocal(request, context);
  if (local !== null) return problemIn(local);
  if (isLocal || isPathLike(name) || !isHubId(name)) return problemIn(notThere(request, context));
  const hub = hubEnvironment(context.env);
  return hub.offline === null ? null : problemIn(await findOnHub(request, hub, context));
}

function problemIn(finding: object): string | null {
  return "problem" in finding && typeof finding.problem === "string" ? finding.problem : null;
}
