/** What a server says of itself at two points of a study that should have had the same one. */
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { clip } from "../base/text.ts";
import { moreFactsDiffer, serverFactsDiffer } from "./messages.ts";
import type { RecordWarning } from "./warning.ts";

/** The answers of a server by path, as a client has kept them. */
export type ServerFacts = JsonObject;

/** One value in which a server at two points of a study differs. */
export interface FactDifference {
  /** `/props` */
  readonly path: string;
  /** `default_generation_settings.n_ctx`, `data[0].max_model_len` */
  readonly name: string;
  /** As JSON; `absent` where it is not there. */
  readonly before: string;
  readonly after: string;
}

/**
 * Members that are new with every start or every moment: times, process and port numbers, random marks, states. What
 * stands below them is passed over as well.
 */
const VOLATILE = new RegExp(
  "^(created|created_at|modified_at|expires_at|started_at|uptime.*|time|timestamp|pid|port|.*_ports?|.*_addr|" +
    "media_marker|permission|internal_states|instance_id|random_seed|last_gen_throughput|.*_throughput|" +
    "memory_usage|is_sleeping|next_token|startup_.*|status)$",
);

const ABSENT = "absent";
const MAX_TOLD = 5;
const MAX_SHOWN = 80;

/**
 * What a server says otherwise at another point of the study, though the study asked for the same server. Paths that
 * only one of them answered are no difference: a question may have been too slow.
 */
export function factsDifference(before: ServerFacts, after: ServerFacts): FactDifference[] {
  return Object.keys(before).filter((path) => Object.hasOwn(after, path)).flatMap((path) => {
    const [old, now] = [flat(before[path]), flat(after[path])];
    return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
      const [was, is] = [old.get(name) ?? ABSENT, now.get(name) ?? ABSENT];
      return was === is ? [] : [{ path, name, before: was, after: is }];
    });
  });
}

/** The same for people: the first few by name, the others counted. */
export function factWarnings(differences: readonly FactDifference[]): RecordWarning[] {
  const code = "server_facts_differ";
  const told = differences.slice(0, MAX_TOLD).map(({ path, name, before, after }) => ({
    code,
    text: serverFactsDiffer(path, name, clip(before, MAX_SHOWN), clip(after, MAX_SHOWN)),
  }));
  const more = differences.length - told.length;
  return more === 0 ? told : [...told, { code, text: moreFactsDiffer(more) }];
}

function flat(value: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (part: unknown, name: string): void => {
    if (Array.isArray(part)) part.forEach((item, index) => walk(item, `${name}[${index}]`));
    else if (isJsonObject(part)) {
      for (const [key, item] of Object.entries(part)) {
        if (!VOLATILE.test(key)) walk(item, name === "" ? key : `${name}.${key}`);
      }
    } else found.set(name, JSON.stringify(part) ?? ABSENT);
  };
  walk(value, "");
  return found;
}
