import { canonicalJson } from "../base/canonical_json.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "./config.ts";
import { ENGINE_DECLARATIONS } from "./engines.ts";
import { readPath } from "./read_path.ts";

/** True for an experiment whose server llem starts. */
export function startsServer(config: ExperimentConfig): boolean {
  return serverPart(config) !== null;
}

/**
 * What makes the server of an experiment, as text: runs that follow each other share an instance where it is equal. Null where
 * every run has a server of its own, or none.
 */
export function sharedServer(config: ExperimentConfig): string | null {
  const part = serverPart(config);
  if (part === null || part["lifetime"] !== "group") return null;
  // How its readiness is told makes no other server.
  const { ready_path: _, ...rest } = part;
  return canonicalJson({ ...rest, model: config.model });
}

function serverPart(config: ExperimentConfig): JsonObject | null {
  const { serves } = ENGINE_DECLARATIONS[config.backend];
  const part = serves === undefined ? undefined : readPath(config as JsonObject, serves.server);
  return isJsonObject(part) ? part : null;
}
