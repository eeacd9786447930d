import type { Json } from "../base/json.ts";
import type { KeyExplanation } from "../study/explain_key.ts";
import type { Origin } from "../study/origin.ts";
import type { IssueLocation } from "../study/study.ts";
import { clip, printable } from "../base/text.ts";
import { keyExplained, valueOrigin } from "./messages.ts";

/** More values than this are counted: a sweep of a thousand is read in the file. */
const MOST_VALUES = 20;
const VALUE_WIDTH = 60;

/** Where values come from, for people: one line a path. */
export function explanationText(explanations: readonly KeyExplanation[]): string {
  return explanations.map((explanation) => `${lineOf(explanation)}\n`).join("");
}

/** `plan --explain KEY --json`: one document. */
export function explanationRecord(
  key: string,
  explanations: readonly KeyExplanation[],
): Record<string, unknown> {
  const explained = explanations.map(({ path, origins, idle }) => ({
    key: path,
    idle,
    values: origins.map(({ value, kind, preset, location, skipped }) => ({
      value,
      from: kind,
      preset,
      file: location?.file ?? null,
      line: location?.line ?? null,
      column: location?.column ?? null,
      skipped,
    })),
  }));
  return { key, explained };
}

function lineOf({ path, origins, idle }: KeyExplanation): string {
  const shown = origins.slice(0, MOST_VALUES).map(originText);
  return printable(keyExplained(path, shown, origins.length - shown.length, idle));
}

function originText({ value, kind, preset, location, skipped }: Origin): string {
  const place = kind === "default" || location === null ? null : locationText(location);
  return valueOrigin(valueText(value), place, { preset, block: blockOf(kind), skipped });
}

function locationText({ file, line, column }: IssueLocation): string {
  return [file, line, column].filter((part) => part !== null).join(":");
}

/** The part of the study file, or the other file, that has to be named beside the location. */
function blockOf(kind: Origin["kind"]): "sweep" | "experiments" | "base" | "user" | null {
  return kind === "sweep" || kind === "experiments" || kind === "base" || kind === "user" ? kind : null;
}

function valueText(value: Json): string {
  return clip(typeof value === "string" ? value : JSON.stringify(value), VALUE_WIDTH);
}
