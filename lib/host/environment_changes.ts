import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { Environment, EnvironmentDevice } from "./environment.ts";

/** Something that changes numbers and is not what it was. */
export interface EnvironmentChange {
  /** `cpu_governor`, or `devices.<uuid>.<fact>`. */
  readonly path: string;
  readonly before: Json;
  readonly after: Json;
}

/** What of the machine itself changes numbers; a file that grows or memory in use does not. */
const WATCHED = ["kernel", "cpu_governor", "boost", "smt", "cpus", "clock_source", "nvidia_driver"] as const;
/** Facts of a device that change numbers, whatever words a meter puts around them. */
const WATCHED_FACT = /governor|limit|lock|driver|persistence|ecc|mig|boost|vbios|compute_mode|max_clock/i;

/**
 * What changes numbers and differs between two looks at one machine; devices are told by their uuid. Where one of the
 * looks asked no meter, nothing is said of devices.
 */
export function environmentChanges(before: Environment, after: Environment): EnvironmentChange[] {
  const own = WATCHED.map((path) => ({ path, before: before[path] ?? null, after: after[path] ?? null }));
  return [...own, ...deviceChanges(before, after)].filter((change) => !isSame(change.before, change.after));
}

function deviceChanges(
  { devices: before }: Environment,
  { devices: after }: Environment,
): EnvironmentChange[] {
  if (before === null || after === null) return [];
  const [old, now] = [watchedFacts(before), watchedFacts(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  return paths.map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }));
}

function watchedFacts(devices: readonly EnvironmentDevice[]): Map<string, Json> {
  const all = devices.flatMap(({ uuid, mig, facts }) =>
    leaves({ ...facts, mig }, "").filter(([path]) => WATCHED_FACT.test(path)).map((
      [path, value],
    ): [string, Json] => [`devices.${uuid}${path}`, value])
  );
  return new Map(all);
}

function leaves(value: JsonObject, path: string): [string, Json][] {
  return Object.entries(value).flatMap(([key, part]): [string, Json][] => {
    const below = `${path}.${key}`;
    return isJsonObject(part) ? leaves(part, below) : [[below, part ?? null]];
  });
}

function isSame(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
