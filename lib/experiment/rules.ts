import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";

/** A rule that ties several fields together, and which a configuration breaks. */
export interface RuleBreak {
  /** The dotted path to tell it at. */
  readonly at: string;
  /** The fields that together break the rule: changing one of them could mend it. */
  readonly fields: readonly string[];
  readonly message: string;
  readonly hint: string | null;
}

/** Reads a field of a draft by its dotted path; undefined where it is not given. */
type Read = (path: string) => Json | undefined;

/** One rule: the break, or null where the draft keeps it. A draft may be incomplete, so a rule looks at what is given. */
type Rule = (read: Read) => RuleBreak | null;

/** Every rule that a draft of a configuration breaks. */
export function brokenRules(draft: JsonObject): RuleBreak[] {
  const read: Read = (path) => readPath(draft, path);
  return RULES.map((rule) => rule(read)).filter((broken) => broken !== null);
}

const QUANTISED_CACHE = new Set(["q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"]);

const RULES: readonly Rule[] = [
  (read) => {
    if (read("backend") !== "command" || isJsonObject(read("command"))) return null;
    return {
      at: "command",
      fields: ["backend", "command"],
      message: "is missing, backend command needs a program to run",
      hint: "add command: { argv: [program, argument] }",
    };
  },
  (read) => {
    const type = read("llamacpp.cache_type_v");
    if (read("llamacpp.flash_attn") !== "off" || typeof type !== "string" || !QUANTISED_CACHE.has(type)) {
      return null;
    }
    return {
      at: "llamacpp.cache_type_v",
      fields: ["llamacpp.cache_type_v", "llamacpp.flash_attn"],
      message: `${type} needs flash attention, but llamacpp.flash_attn is off`,
      hint: "set flash_attn to auto or on",
    };
  },
  (read) => {
    const [ubatch, batch = 2048] = [read("llamacpp.n_ubatch"), read("llamacpp.n_batch")];
    if (typeof ubatch !== "number" || typeof batch !== "number" || ubatch <= batch) return null;
    return {
      at: "llamacpp.n_ubatch",
      fields: ["llamacpp.n_ubatch", "llamacpp.n_batch"],
      message: `must be at most llamacpp.n_batch (${batch}), found ${ubatch}`,
      hint: null,
    };
  },
];

function readPath(draft: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = draft;
  for (const key of path.split(".")) {
    if (!isJsonObject(value)) return undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
