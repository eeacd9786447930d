import { member } from "../../../../lib/base/json.ts";
import type { ServerKind } from "../../../../lib/experiment/engines/openai/server.ts";
import type { ServerFacts } from "./server_facts.ts";

/** Who answers as the owner of a model. */
const OWNERS: readonly (readonly [RegExp, ServerKind])[] = [
  [/^vllm$/i, "vllm"],
  [/^sglang$/i, "sglang"],
  [/^tensorrt[_-]?llm$/i, "trtllm"],
  [/^llama\.?cpp$/i, "llama-server"],
  [/^lmdeploy$/i, "lmdeploy"],
];

/**
 * What kind of server answers at an address that the study names without saying so: by the owner of its models, else by
 * pages that only one kind has. `other` where nothing tells.
 */
export function kindFromFacts(facts: ServerFacts): ServerKind {
  const models = member(facts["/v1/models"], "data");
  const owner = Array.isArray(models) ? member(models[0], "owned_by") : null;
  const known = typeof owner === "string" ? OWNERS.find(([pattern]) => pattern.test(owner)) : undefined;
  if (known !== undefined) return known[1];
  if (member(facts["/props"], "default_generation_settings") !== undefined) return "llama-server";
  if (member(facts["/info"], "docker_label") !== undefined) return "tgi";
  if (member(facts["/api/version"], "version") !== undefined) return "ollama";
  if (facts["/model_info"] !== undefined) return "sglang";
  return "other";
}

/** Where servers tell their version or build; the first text is taken. */
const VERSIONS: readonly (readonly [string, string])[] = [
  ["/version", "version"],
  ["/props", "build_info"],
  ["/server_info", "version"],
  ["/get_server_info", "version"],
  ["/info", "version"],
  ["/api/version", "version"],
];

/** Null where the server tells none. */
export function versionFromFacts(facts: ServerFacts): string | null {
  for (const [path, name] of VERSIONS) {
    const version = member(facts[path], name);
    if (typeof version === "string" && version !== "") return version;
  }
  return null;
}

/** The name of the model that a server has, the first one where it has several; null where it tells none. */
export function servedModel(facts: ServerFacts): string | null {
  const models = member(facts["/v1/models"], "data");
  const id = Array.isArray(models) ? member(models[0], "id") : null;
  return typeof id === "string" && id !== "" ? id : null;
}
