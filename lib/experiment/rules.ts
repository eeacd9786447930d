import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { experimentSchema, SESSION_KEYS, syntheticDatasetSchema } from "./config.ts";
import { type Backend, BACKENDS, declarationOf, DEFAULT_BACKEND, ENGINE_DECLARATIONS } from "./engines.ts";
import {
  containsFields,
  containsRemoteCode,
  loadNeeded,
  oneAdapterNeeded,
  prefixTooLong,
  sectionMissing,
  turnsNeeded,
} from "./messages.ts";
import { readPath } from "./read_path.ts";
import type { Read, Rule, RuleBreak } from "./rule.ts";
import { slotOf } from "./shape.ts";

/** Every rule that a draft of a configuration breaks. */
export function brokenRules(draft: JsonObject): RuleBreak[] {
  const read: Read = (path) => readPath(draft, path);
  return RULES.map((rule) => rule(read)).filter((broken) => broken !== null);
}

const RULES: readonly Rule[] = [
  ...BACKENDS.map(needsSection),
  (read) => {
    if (!isJsonObject(read("lora"))) return null;
    const sources = ["lora.adapter_id", "lora.adapter_path"];
    const named = sources.filter((path) => (read(path) ?? null) !== null);
    if (named.length === 1) return null;
    const text = oneAdapterNeeded(named.length === 0 ? "none" : "both");
    return { at: "lora", fields: ["lora", ...sources], ...text };
  },
  (read) => {
    const kwargs = read("passthrough_kwargs");
    if (!isJsonObject(kwargs)) return null;
    const taken = Object.keys(kwargs).filter((key) => Object.hasOwn(experimentSchema.shape, key));
    if (taken.length === 0) return null;
    return { at: "passthrough_kwargs", fields: ["passthrough_kwargs"], ...containsFields(taken) };
  },
  hiddenRemoteCode("passthrough_kwargs"),
  ...BACKENDS.filter((backend) => ENGINE_DECLARATIONS[backend].remote_code !== null).map(hiddenRemoteCode),
  ...[...SESSION_KEYS.map((key) => `dataset.${key}`), "measure.steady"].map(needsLoad),
  (read) => {
    const [prefix, whole = slotOf(syntheticDatasetSchema.shape.input_len).fallback] = [
      read("dataset.prefix_len"),
      read("dataset.input_len"),
    ];
    if (typeof prefix !== "number" || typeof whole !== "number" || prefix < whole) return null;
    return {
      at: "dataset.prefix_len",
      fields: ["dataset.prefix_len", "dataset.input_len"],
      ...prefixTooLong(prefix, whole),
    };
  },
  (read) => {
    const fields = ["dataset.think_time_s", "dataset.turns"];
    if (Number(read("dataset.think_time_s") ?? 0) === 0 || Number(read("dataset.turns") ?? 1) > 1) {
      return null;
    }
    return { at: "dataset.think_time_s", fields, ...turnsNeeded() };
  },
  ...BACKENDS.flatMap((backend) => ENGINE_DECLARATIONS[backend].rules),
];

/** A setting that an engine which is not measured under load would pass over; what a worker of the user's own makes of it is unknown. */
function needsLoad(path: string): Rule {
  const able = BACKENDS.filter((backend) => ENGINE_DECLARATIONS[backend].serves !== null);
  return (read): RuleBreak | null => {
    const [value, backend = DEFAULT_BACKEND] = [read(path) ?? false, read("backend")];
    const declaration = declarationOf(backend);
    if (value === false || declaration === undefined || !declaration.workload_known) return null;
    if (declaration.serves !== null) return null;
    return { at: path, fields: [path, "backend"], ...loadNeeded(String(backend), able) };
  };
}

/**
 * What allows foreign code stands in one place, where the identity and every reader look for it: what an engine is handed
 * as it is may not say it at any depth.
 */
function hiddenRemoteCode(section: string): Rule {
  const fields = BACKENDS.map((backend) => ENGINE_DECLARATIONS[backend].remote_code?.path)
    .filter((path) => path !== undefined);
  const own = fields.filter((path) => path.startsWith(`${section}.`));
  return (read): RuleBreak | null => {
    const at = placeOfKey(read(section), "trust_remote_code", section, own);
    if (at === null) return null;
    return { at, fields: [at], ...containsRemoteCode(own.length > 0 ? own : fields) };
  };
}

/** The dotted path of what holds a key with a value, declared places left out; null where nothing does. */
function placeOfKey(
  value: Json | undefined,
  key: string,
  path: string,
  declared: readonly string[],
): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (isJsonObject(value) && (value[key] ?? null) !== null && !declared.includes(`${path}.${key}`)) {
    return path;
  }
  for (const [name, part] of Object.entries(value)) {
    const found = placeOfKey(part, key, `${path}.${name}`, declared);
    if (found !== null) return found;
  }
  return null;
}

/** A backend whose section is missing, where a run of it cannot do without. */
function needsSection(backend: Backend): Rule {
  const { needs_section: needed } = ENGINE_DECLARATIONS[backend];
  return (read): RuleBreak | null => {
    if (needed === null || read("backend") !== backend || isJsonObject(read(backend))) return null;
    return { at: backend, fields: ["backend", backend], ...sectionMissing(backend, needed) };
  };
}
