import { askHub, type HubRefusal } from "../hub/ask_hub.ts";
import { cachedCommit, repositoryFolder } from "../hub/cached_repository.ts";
import type { HubEnvironment } from "../hub/hub_environment.ts";
import { filesToLoad, missingFiles } from "../hub/model_files.ts";
import type { Finding } from "./finding.ts";
import type { InputsContext } from "./inputs_context.ts";
import { pathOf } from "./local_model.ts";
import { type ModelRequest, subjectOf } from "./model_request.ts";

/** A name that a hub may know: `name` or `owner/name`. */
export function isHubId(name: string): boolean {
  return /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)?$/.test(name);
}

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
  const looked = `${pathOf(request, context)} does not exist, ${cached.reason}`;
  const problem = (text: string): Finding => ({ problem: `${subjectOf(request)}: ${text}` });
  if (hub.offline !== null) {
    return problem(
      `${looked}, and ${hub.offline} forbids asking ${hub.endpoint}. ${elsewhere(request, hub)}`,
    );
  }
  const answer = await askHub(hub, id, revision, context.signal);
  if ("refusal" in answer) return problem(refusalText(answer, request, hub, looked));
  const names = filesToLoad(answer.files.map(({ name }) => name), part);
  if (names === null) {
    return problem(`${hub.endpoint}/${id} ${unfit(answer.files.map(({ name }) => name), part)}`);
  }
  const files = answer.files.filter(({ name }) => names.includes(name));
  return { wanted: { request, hub_id: id, commit: answer.commit, files } };
}

function lookInCache(
  { name, part, revision }: ModelRequest,
  { cache }: HubEnvironment,
): { readonly path: string; readonly commit: string } | { readonly reason: string } {
  const folder = repositoryFolder(cache, "model", name);
  const cached = cachedCommit(cache, "model", name, revision);
  if (cached === null) return { reason: `the hub's cache has it not (${folder})` };
  const missing = missingFiles(cached.path, part);
  if (missing.length > 0) {
    return { reason: `the hub's cache has it in part (${cached.path} lacks ${missing.join(", ")})` };
  }
  const unfinished = unfinishedDownload(folder);
  return unfinished === null
    ? cached
    : { reason: `the hub's cache has it in part (${unfinished} is unfinished)` };
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

function refusalText(
  { refusal, detail }: HubRefusal,
  request: ModelRequest,
  hub: HubEnvironment,
  looked: string,
): string {
  const page = `${hub.endpoint}/${request.name}`;
  switch (refusal) {
    case "no_repository":
      return `${looked}, and ${hub.endpoint} knows no such model (${detail}). Correct the name` +
        (hub.token === null ? "; for a private model set HF_TOKEN." : "; or HF_TOKEN may not read it.");
    case "no_revision":
      return `${page} has no such branch, tag or commit (${detail}). Correct the revision.`;
    case "gated":
      return `${looked}, and ${page} is gated (${detail}). Accept its licence at ${page} and set HF_TOKEN to a ` +
        `token of the account that did${hub.token === null ? "" : "; the one that is set may not read it"}.`;
    case "bad_token":
      return `${looked}, and ${hub.endpoint} does not take the token (${detail}). Set HF_TOKEN to one that is valid.`;
    case "unreachable":
      return `${looked}, and ${hub.endpoint} cannot be reached (${detail}). ${elsewhere(request, hub)}`;
  }
}

/** How to go on without a network. */
function elsewhere({ name, part, revision }: ModelRequest, { cache }: HubEnvironment): string {
  const at = revision === null ? "" : ` --revision ${revision}`;
  return `Run \`hf download ${name}${at}\` on a machine with network and copy its cache to ${cache}, or name a folder ` +
    `of this machine that holds the ${part}.`;
}

/** Why a repository cannot be loaded. */
function unfit(names: readonly string[], part: "model" | "adapter"): string {
  if (part === "adapter") return "is no adapter: it lacks adapter_config.json or adapter_model.safetensors.";
  if (names.includes("adapter_config.json") && !names.includes("config.json")) {
    return "is an adapter. Name it under lora.adapter_id, and its base model here.";
  }
  if (names.some((name) => name.endsWith(".gguf"))) {
    return "has GGUF files alone. Download one of them and name that file here.";
  }
  return "lacks config.json, or weights in a format that is loaded (model.safetensors, pytorch_model.bin).";
}
