/** The texts of lib/experiment for people: one pure function for each message. Each follows the path of a field. */
import type { RuleText } from "./rule.ts";

export function sectionMissing(
  backend: string,
  { what, hint }: { readonly what: string; readonly hint: string },
): RuleText {
  return { message: `is missing: backend ${backend} needs ${what}`, hint };
}

export function settingNeeded(path: string, value: boolean): RuleText {
  const [section = "", key = ""] = path.split(".");
  return { message: `needs ${path}: ${value}`, hint: `add ${key}: ${value} to ${section}` };
}

export function notCombinable(other: string): RuleText {
  return { message: `cannot be combined with ${other}`, hint: "keep one" };
}

export function oneAdapterNeeded(found: "none" | "both"): RuleText {
  return { message: `must have exactly one of adapter_id and adapter_path, found ${found}`, hint: null };
}

/** Fields of an experiment among the arguments that an engine gets unchanged. */
export function containsFields(names: readonly string[]): RuleText {
  const kind = names.length === 1 ? "a field" : "fields";
  const verb = names.length === 1 ? "is" : "are";
  return {
    message: `contains ${names.join(", ")}, which ${verb} ${kind} of the experiment`,
    hint: `use the field${names.length === 1 ? "" : "s"}`,
  };
}

export function containsRemoteCode(fields: readonly string[]): RuleText {
  return { message: "contains trust_remote_code, which has its own field", hint: `use ${fields.join(", ")}` };
}

/** Of a setting that only engines under load know. */
export function loadNeeded(backend: string, able: readonly string[]): RuleText {
  return {
    message: `is a setting of backend ${able.join(", ")}, but backend is ${backend}`,
    hint: "remove it, or change the backend",
  };
}

export function prefixTooLong(prefix: number, whole: number): RuleText {
  return { message: `must be less than dataset.input_len (${whole}), found ${prefix}`, hint: null };
}

export function turnsNeeded(): RuleText {
  return { message: "needs dataset.turns of 2 or more", hint: "add turns: 2 to dataset" };
}
