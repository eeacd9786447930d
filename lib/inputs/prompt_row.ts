import { isJsonObject } from "../base/json.ts";
import { Problem } from "../base/problem.ts";
import { type LocatedText, PROMPT_FIELDS, type RowChoice } from "./located_text.ts";
import { badPrompts, fieldIsList, fieldIsNotText, noField, noKnownField, notJsonObject } from "./messages.ts";

/**
 * The prompt of a parsed row; null for a row that holds a name with a leading underscore: it tells of the file.
 * Throws Problem where there is none.
 */
export function promptOfRow(value: unknown, location: string, choice: RowChoice): LocatedText | null {
  const bad = (fault: string): Problem => new Problem(badPrompts(location, fault, choice.remedy));
  if (!isJsonObject(value)) throw bad(notJsonObject());
  if (Object.keys(value).some((name) => name.startsWith("_"))) return null;
  const field = choice.column ?? PROMPT_FIELDS.find((name) => value[name] !== undefined);
  if (field === undefined) throw bad(noKnownField(PROMPT_FIELDS, Object.keys(value)));
  const text = value[field];
  if (text === undefined) throw bad(noField(field, Object.keys(value)));
  if (Array.isArray(text)) throw bad(fieldIsList(field));
  if (typeof text !== "string") throw bad(fieldIsNotText(field));
  return { text, location, source: sourceOf(value["source"]) };
}

/** Lists and objects as JSON: they may hold anything. */
function sourceOf(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}
