import { unreachable } from "../base/unreachable.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import type { ModelPart } from "../hub/model_files.ts";
import { requestSubject } from "./messages.ts";
import { adapterKey, modelKey, revisionOf } from "./study_inputs.ts";

/** A model, or an adapter, that runs ask for. */
export interface ModelRequest {
  /** Of {@link modelKey} or {@link adapterKey}. */
  readonly key: string;
  readonly part: ModelPart;
  /** As the study file has it. */
  readonly name: string;
  /** Branch, tag or commit; null is the default branch. */
  readonly revision: string | null;
  /** Whether a hub's name will do: `lora.adapter_path` and a GGUF engine want what is on this machine. */
  readonly isLocal: boolean;
  /** Of the first run that asks for it. */
  readonly config: ExperimentConfig;
}

/** What configurations ask for, each once. */
export function modelRequests(configs: readonly ExperimentConfig[]): ModelRequest[] {
  const requests = new Map<string, ModelRequest>();
  for (const config of configs) {
    for (const request of requestsOf(config)) {
      if (!requests.has(request.key)) requests.set(request.key, request);
    }
  }
  return [...requests.values()];
}

/** How a sentence about a request begins: `backend pytorch: model gpt2`. */
export function subjectOf({ config, part, isLocal, name, revision }: ModelRequest): string {
  const field = part === "model" ? "model" : isLocal ? "lora.adapter_path" : "lora.adapter_id";
  return requestSubject({ backend: config.backend, field, name, revision });
}

/** A sentence about a request. */
export function aboutRequest(request: ModelRequest, text: string): string {
  return `${subjectOf(request)}: ${text}`;
}

function requestsOf(config: ExperimentConfig): ModelRequest[] {
  const { models } = ENGINE_DECLARATIONS[config.backend];
  switch (models) {
    case "elsewhere":
      return [];
    case "gguf_file":
      return [modelRequest(config, true)];
    case "hub":
      return [modelRequest(config, false), ...adapterRequest(config)];
    default:
      return unreachable(models);
  }
}

function modelRequest(config: ExperimentConfig, isLocal: boolean): ModelRequest {
  const revision = revisionOf(config);
  return { key: modelKey(config), part: "model", name: config.model, revision, isLocal, config };
}

function adapterRequest(config: ExperimentConfig): ModelRequest[] {
  const { adapter_id, adapter_path } = config.lora ?? {};
  const name = adapter_path ?? adapter_id ?? null;
  if (name === null) return [];
  const isLocal = adapter_id === null || adapter_id === undefined;
  return [{ key: adapterKey(config), part: "adapter", name, revision: null, isLocal, config }];
}
