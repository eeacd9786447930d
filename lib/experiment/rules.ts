import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { ENGINE_RULES } from "./_engine_rules.ts";
import type { Read, Rule, RuleBreak } from "./_rule.ts";
import { experimentSchema } from "./config.ts";

/** Every rule that a draft of a configuration breaks. */
export function brokenRules(draft: JsonObject): RuleBreak[] {
  const read: Read = (path) => readPath(draft, path);
  return RULES.map((rule) => rule(read)).filter((broken) => broken !== null);
}

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
    if (read("backend") !== "openai" || isJsonObject(read("openai"))) return null;
    return {
      at: "openai",
      fields: ["backend", "openai"],
      message: "is missing, backend openai needs a server to ask",
      hint: "add openai: { base_url: http://127.0.0.1:8000/v1 }",
    };
  },
  (read) => {
    if (!isJsonObject(read("lora"))) return null;
    const sources = ["lora.adapter_id", "lora.adapter_path"];
    const named = sources.filter((path) => (read(path) ?? null) !== null);
    if (named.length === 1) return null;
    const message = `must have exactly one of adapter_id and adapter_path, found ${
      named.length === 0 ? "none" : "both"
    }`;
    return { at: "lora", fields: ["lora", ...sources], message, hint: null };
  },
  (read) => {
    const kwargs = read("passthrough_kwargs");
    if (!isJsonObject(kwargs)) return null;
    const taken = Object.keys(kwargs).filter((key) => Object.hasOwn(experimentSchema.shape, key));
    if (taken.length === 0) return null;
    const message = `holds ${taken.join(", ")}, which an experiment has a field for`;
    return { at: "passthrough_kwargs", fields: ["passthrough_kwargs"], message, hint: "use the field" };
  },
  ...ENGINE_RULES,
];

function readPath(draft: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = draft;
  for (const key of path.split(".")) {
    if (!isJsonObject(value)) return undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
