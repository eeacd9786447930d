import { printable } from "../../base/text.ts";
import type { RunAbout } from "../../results/about.ts";
import type { Summary } from "../../results/summary.ts";
import { servedLoadText } from "../served/messages.ts";
import { loadText, parallelText, parametersText, severalOf } from "./messages.ts";

/** More different ones than this are counted, not named. */
const MOST_NAMED = 2;

/** What ran on what, above a table of results: what all rows share, and of what differs the few that it is. */
export function summaryHead({ about, llem_version }: Summary, width: number | null): string[] {
  if (about.length === 0) return [];
  const parts = [
    named("models", about.map(modelText)),
    named(
      "devices",
      about.map(({ devices }) => devices.length === 0 ? null : devices.map(deviceText).join(" + ")),
    ),
    named("engines", about.map(({ engine }) => engine)),
    named("llem versions", about.map(({ llem_version: version }) => `llem ${version ?? llem_version}`)),
    named("modes", about.map(({ parallel }) => parallel === undefined ? null : parallelText(parallel))),
  ].filter((part) => part !== null);
  const load = sharedLoad(about);
  return [...wrapped(parts, "; ", width), ...load === null ? [] : [load]].map(printable);
}

/** Workers of different engines write the same CPU in their own ways (`cpu: ...`, `CPU: ...`). */
function deviceText(device: string): string {
  return device.replace(/^cpu:/i, "CPU:");
}

function modelText({ model, weights, parameters }: RunAbout): string | null {
  if (model === null) return null;
  const facts = [weights, parameters === null ? null : parametersText(parameters)].filter((fact) =>
    fact !== null
  );
  return facts.length === 0 ? model : `${model} (${facts.join(", ")})`;
}

function named(noun: Parameters<typeof severalOf>[1], texts: readonly (string | null)[]): string | null {
  const different = [...new Set(texts.filter((text) => text !== null))];
  if (different.length === 0) return null;
  return different.length > MOST_NAMED ? severalOf(different.length, noun) : different.join(" and ");
}

function sharedLoad(about: readonly RunAbout[]): string | null {
  const loads = about.map(({ load }) => load);
  const shared = <Key extends keyof NonNullable<RunAbout["load"]>>(
    key: Key,
  ): NonNullable<RunAbout["load"]>[Key] | null => {
    const values = new Set(loads.map((load) => load?.[key] ?? null));
    const [value = null] = values;
    return values.size === 1 ? value : null;
  };
  const served = new Set(
    loads.map((load) => load?.served === undefined ? null : servedLoadText(load.served)),
  );
  const [name = null] = served;
  return loadText({
    served: served.size === 1 ? name : null,
    prompts: shared("prompts"),
    input_tokens: shared("input_tokens"),
    output_tokens: shared("output_tokens"),
    turns: shared("turns") ?? null,
    // A load says how many there are at a time.
    concurrency: loads.some((load) => load?.served !== undefined) ? null : shared("concurrency"),
    batches: shared("batches"),
  });
}

/** Parts on as few lines as the width allows; a part is never broken. */
function wrapped(parts: readonly string[], between: string, width: number | null): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = last === undefined ? part : last + between + part;
    if (last === undefined || width !== null && longer.length > width) lines.push(part);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
