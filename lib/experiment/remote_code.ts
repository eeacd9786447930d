import type { JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "./config.ts";
import { ENGINE_DECLARATIONS } from "./engines.ts";
import { putPath } from "./put_path.ts";
import { readPath } from "./read_path.ts";

/** Whether code that comes with a model is run, and the field that says so; null for an engine that runs none. */
export function remoteCodeOf(
  config: ExperimentConfig,
): { readonly path: string; readonly allowed: boolean } | null {
  const { remote_code } = ENGINE_DECLARATIONS[config.backend];
  if (remote_code === null) return null;
  return { path: remote_code.path, allowed: readPath(config, remote_code.path) === true };
}

/**
 * The configuration with the field written out, left open being false, where an earlier llem meant true by a field left
 * open: what is stored must say what it ran with.
 */
export function withRemoteCode(config: ExperimentConfig): ExperimentConfig {
  return filled(config, false);
}

/** A configuration as an earlier llem stored it, with the field written out as it was meant then. */
export function asStored(config: ExperimentConfig): ExperimentConfig {
  return filled(config, ENGINE_DECLARATIONS[config.backend].remote_code?.formerly ?? false);
}

function filled(config: ExperimentConfig, value: boolean): ExperimentConfig {
  const { remote_code } = ENGINE_DECLARATIONS[config.backend];
  const formerly = remote_code?.formerly ?? null;
  if (remote_code === null || formerly === null || (readPath(config, remote_code.path) ?? null) !== null) {
    return config;
  }
  return putPath(config as JsonObject, remote_code.path.split("."), value) as unknown as ExperimentConfig;
}
