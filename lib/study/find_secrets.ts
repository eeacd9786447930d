import type { Issue } from "../base/issue.ts";
import { HIDDEN, hideTexts, isPlainWord } from "../experiment/secret_names.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import { ownerOf } from "../experiment/sections.ts";
import { variableAt } from "../experiment/worker_variables.ts";
import { hideSecrets } from "../experiment/secrets.ts";
import { configBlocks, type ConfigPlace } from "./config_places.ts";
import { looksSecret, passAsKey, passAsVariable } from "./messages.ts";
import { LONGEST_QUOTE } from "./quote.ts";
import { issueAt } from "./source_text.ts";
import type { MapTree } from "./tree.ts";

/** What of a study looks like a secret. */
export interface StudySecrets {
  /** The values, as texts, also in the forms in which messages quote them. */
  readonly texts: readonly string[];
  /** One for each path. */
  readonly warnings: readonly Issue[];
}

export const NO_SECRETS: StudySecrets = { texts: [], warnings: [] };

/** Looks through everything that a study gives for configurations. */
export function findSecrets(root: MapTree): StudySecrets {
  const texts = new Set<string>();
  const warnings = new Map<string, Issue>();
  for (const { config, places } of configBlocks(root)) {
    if (typeof config !== "object" || config === null) continue;
    const { secrets } = hideSecrets(config);
    if (secrets.length === 0) continue;
    const placeOf = new Map(places.map((place) => [JSON.stringify(place.keys), place]));
    for (const { path, value } of secrets) {
      const keys = JSON.stringify(path);
      const place = placeOf.get(keys);
      for (const text of formsOf(String(value), place?.tree.written ?? null)) texts.add(text);
      if (place !== undefined && !warnings.has(keys)) warnings.set(keys, warningAt(place));
    }
  }
  return { texts: [...texts], warnings: [...warnings.values()] };
}

/** An issue without the values. */
export function withoutSecrets(issue: Issue, { texts }: StudySecrets): Issue {
  if (texts.length === 0) return issue;
  const { message, hint } = issue;
  return {
    ...issue,
    message: hideQuoted(message, texts),
    hint: hint === null ? null : hideQuoted(hint, texts),
  };
}

/** A sentence of ours without these texts. One that is a plain word may be a word of the sentence: it goes where it is quoted. */
export function hideQuoted(sentence: string, texts: readonly string[]): string {
  const { words = [], others = [] } = Object.groupBy(
    texts,
    (text) => isPlainWord(text) ? "words" : "others",
  );
  const shown = hideTexts(sentence, others);
  if (!words.some((word) => shown.includes(word))) return shown;
  return shown.replace(/(?<=["\[])[A-Za-z]+(?=["\]])/g, (word) => words.includes(word) ? HIDDEN : word);
}

function formsOf(value: string, written: string | null): string[] {
  return [value, ...written === null ? [] : [written]].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    JSON.stringify(text.slice(0, LONGEST_QUOTE)).slice(1, -1),
    text.split(/\s+/).join(", "),
  ]);
}

function warningAt({ keys, path, key }: ConfigPlace): Issue {
  const variable = variableAt(keys);
  const owner = ownerOf(keys.join("."));
  const named = owner === null ? null : ENGINE_DECLARATIONS[owner].variable_fields?.named ?? null;
  const name = variable?.kind === "set" ? variable.name : "NAME";
  const server = owner === null ? null : ENGINE_DECLARATIONS[owner].serves;
  const program = named?.split(".").slice(0, -1) ?? [];
  // What a server is sent is no variable of a program.
  const isSent = server !== null && program.some((part, index) => keys[index] !== part);
  const hint = isSent ? passAsKey(server.key) : passAsVariable(named, name);
  return issueAt(key, path, { message: looksSecret(HIDDEN), hint });
}
