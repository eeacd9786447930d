import { isJsonObject } from "../base/json.ts";
import { Problem } from "../base/problem.ts";
import { type LocatedText, PROMPT_FIELDS, type RowChoice } from "./located_text.ts";

/**
 * The prompt of a parsed row; null for a row that holds a name with a leading underscore: it tells of the file.
 * Throws Problem where there is none.
 */
export function promptOfRow(value: unknown, location: string, choice: RowChoice): LocatedText | null {
  const bad = (problem: string): Problem => new Problem(`${location}: ${problem}. ${choice.remedy}`);
  if (!isJsonObject(value)) throw bad("not a JSON object");
  if (Object.keys(value).some((name) => name.startsWith("_"))) return null;
  const field = choice.column ?? PROMPT_FIELDS.find((name) => value[name] !== undefined);
  if (field === undefined) throw bad(`none of ${PROMPT_FIELDS.join(", ")} is there (${named(value)})`);
  const text = value[field];
  if (text === undefined) throw bad(`there is no "${field}" (${named(value)})`);
  if (Array.isArray(text)) throw bad(`"${field}" is a list, such as the messages of a chat, and no text`);
  if (typeof text !== "string") throw bad(`"${field}" is no text`);
  return { text, location, source: sourceOf(value["source"]) };
}

function named(row: object): string {
  return `it has ${Object.keys(row).join(", ") || "nothing"}`;
}

/** Lists and objects as JSON: they may hold anything. */
function sourceOf(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}
