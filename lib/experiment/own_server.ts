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
  return serverPart(config)?.["lifetime"] === "group" ? serverMeant(config) : null;
}

/**
 * The server that an experiment is about, as text: equal where two of them should have been given the same one, be it started
 * or found at its address. Null for an experiment without a server.
 */
export function serverMeant(config: ExperimentConfig): string | null {
  const { serves } = ENGINE_DECLARATIONS[config.backend];
  if (serves === null) return null;
  const address = readPath(config as JsonObject, serves.address) ?? null;
  // How its readiness is told makes no other server.
  const { ready_path: _, ...rest } = serverPart(config) ?? {};
  return canonicalJson({ ...rest, address, model: config.model });
}

function serverPart(config: ExperimentConfig): JsonObject | null {
  const { serves } = ENGINE_DECLARATIONS[config.backend];
  const part = serves === null ? undefined : readPath(config as JsonObject, serves.server);
  return isJsonObject(part) ? part : null;
}
