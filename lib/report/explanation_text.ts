import type { Json } from "../base/json.ts";
import type { KeyExplanation } from "../study/explain_key.ts";
import type { Origin } from "../study/origin.ts";
import type { IssueLocation } from "../study/study.ts";
import { clip, printable } from "../base/text.ts";

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
  const more = origins.length > shown.length ? [`and ${origins.length - shown.length} more`] : [];
  const values = [...shown, ...more].join("; ");
  return printable(`${path}: ${values}${idle === null ? "" : ` (${idle})`}`);
}

function originText({ value, kind, preset, location, skipped }: Origin): string {
  const source = kind === "default" || location === null
    ? "(default)"
    : `from ${preset === null ? "" : `preset ${preset}, `}${locationText(location)}${blockText(kind)}`;
  return `${valueText(value)} ${source}${skipped ? ", left out: it does not fit" : ""}`;
}

function locationText({ file, line, column }: IssueLocation): string {
  return [file, line, column].filter((part) => part !== null).join(":");
}

function blockText(kind: Origin["kind"]): string {
  if (kind === "sweep" || kind === "experiments" || kind === "base") return ` (${kind})`;
  return kind === "user" ? " (user configuration)" : "";
}

function valueText(value: Json): string {
  return clip(typeof value === "string" ? value : JSON.stringify(value), VALUE_WIDTH);
}
