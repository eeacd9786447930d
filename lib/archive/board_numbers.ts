import { join } from "node:path";
import { isJsonObject } from "../base/json.ts";
import { readEnvironmentFile } from "./machines.ts";

/** The numbers that nvidia-smi gave the boards of a study as it began, by their UUIDs; empty where nothing was metered. */
export function boardNumbers(dir: string): ReadonlyMap<string, number> {
  const devices = readEnvironmentFile(join(dir, "environment.json"))?.["devices"];
  const numbers = new Map<string, number>();
  for (const device of Array.isArray(devices) ? devices : []) {
    if (!isJsonObject(device) || device["kind"] !== "gpu" || !isJsonObject(device["facts"])) continue;
    const { index } = device["facts"];
    if (typeof device["uuid"] === "string" && typeof index === "number") numbers.set(device["uuid"], index);
  }
  return numbers;
}
