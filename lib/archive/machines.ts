import { join } from "node:path";
import { namesIn, readRegularText } from "../base/files.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { readAgents } from "../cluster/agents.ts";
import type { Hardware } from "../cluster/hardware.ts";
import { studyCircumstances } from "../results/circumstances.ts";
import type { Circumstances } from "../results/study_table.ts";

/** Holds one environment.json for each directory that a study was merged of. */
export const ENVIRONMENTS = "environments";

/** An environment has some kilobytes. */
const MOST_BYTES = 16_000_000;

/** The environment that a file holds; null where it cannot be read. */
export function readEnvironmentFile(path: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(readRegularText(path, MOST_BYTES));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * What the machines of a study are like that was made on several, by their host names: those of its agents, and those of the
 * directories that it was merged of. Null where there is one at most.
 */
export function machinesOf(dir: string): Readonly<Record<string, Circumstances>> | null {
  const found: Record<string, Circumstances> = {};
  for (const { host, hardware } of readAgents(dir)) {
    if (hardware !== null) found[host] = ofHardware(host, hardware);
  }
  for (const name of namesIn(join(dir, ENVIRONMENTS))) {
    const environment = readEnvironmentFile(join(dir, ENVIRONMENTS, name));
    const host = environment?.["host"];
    if (typeof host === "string") found[host] = studyCircumstances(environment);
  }
  return Object.keys(found).length > 1 ? found : null;
}

/** By the names that circumstances have. */
function ofHardware(machine: string, { driver, CPU, ...hardware }: Hardware): Circumstances {
  const limit = hardware["power limit"] ?? null;
  const all: Readonly<Record<string, string | null | undefined>> = {
    machine,
    driver,
    CPU,
    "power limit": limit === null
      ? null
      : limit.replace(/\d+(\.\d+)?/g, (watts) => `${Math.round(Number(watts))} W`),
    "ECC": hardware["ECC"],
    "persistence mode": hardware["persistence mode"],
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
