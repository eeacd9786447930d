import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { Environment } from "./environment.ts";

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

/** What changes numbers and differs between two looks at one machine; devices are told by their uuid. */
export function environmentChanges(before: Environment, after: Environment): EnvironmentChange[] {
  const own = WATCHED.map((path) => ({ path, before: before[path], after: after[path] }));
  const [old, now] = [deviceFacts(before), deviceFacts(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  const devices = paths.map((path) => ({
    path,
    before: old.get(path) ?? null,
    after: now.get(path) ?? null,
  }));
  return [...own, ...devices].filter((change) =>
    JSON.stringify(change.before) !== JSON.stringify(change.after)
  );
}

/** The watched facts by path. Devices of an environment that was never metered are unknown, not gone. */
function deviceFacts({ devices }: Environment): Map<string, Json> {
  return new Map(
    (devices ?? []).flatMap(({ uuid, mig, facts }) => [
      ...leaves({ ...facts, mig }, `devices.${uuid}`).filter(([path]) =>
        WATCHED_FACT.test(path.slice(`devices.${uuid}`.length))
      ),
    ]),
  );
}

function leaves(value: JsonObject, path: string): [string, Json][] {
  return Object.entries(value).flatMap(([key, part]): [string, Json][] => {
    const below = `${path}.${key}`;
    return isJsonObject(part) ? leaves(part, below) : [[below, part ?? null]];
  });
}
