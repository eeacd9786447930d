import type { ResolvedModel } from "../experiment/inputs.ts";
import type { HubFile } from "../hub/hub_repository.ts";
import type { ModelRequest } from "./model_request.ts";

/** A model that the hub has and its cache on this machine has not. */
export interface WantedModel {
  readonly request: ModelRequest;
  readonly hub_id: string;
  /** 40 hex digits. */
  readonly commit: string;
  /** Those that are loaded. */
  readonly files: readonly HubFile[];
}

/**
 * What came of looking for a model; `model` is null where the engine brings it. `uncached` says why the hub's cache does not
 * have it, where the hub itself was not asked.
 */
export type Finding =
  | { readonly model: ResolvedModel | null }
  | { readonly problem: string }
  | { readonly wanted: WantedModel }
  | { readonly uncached: string };
