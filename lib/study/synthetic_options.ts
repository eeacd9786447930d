import { isJsonObject, type Json } from "../base/json.ts";
import { syntheticOption } from "./messages.ts";
import type { Issue } from "../base/issue.ts";
import { readableValue } from "./readable_value.ts";
import type { Override } from "./study.ts";

/** Options of the command line that only synthetic prompts have. */
const OPTIONS: ReadonlySet<string> = new Set(["--input-len", "--output-len"]);

/** A mistake for each option of synthetic prompts beside a `--dataset` that names prompts: one of them would be lost. */
export function syntheticConflicts(overrides: readonly Override[]): Issue[] {
  const dataset = overrides.findLast(({ path, source }) => path === "dataset" && source === "--dataset");
  const named = dataset === undefined ? null : namedPrompts(readableValue(dataset));
  if (named === null) return [];
  return overrides.filter(({ source }) => OPTIONS.has(source)).map(({ path, source }) => ({
    file: source,
    line: null,
    column: null,
    path,
    ...syntheticOption(named),
  }));
}

/** The prompts that a dataset names, as text; null for synthetic ones, and for several. */
function namedPrompts(dataset: Json): string | null {
  if (typeof dataset === "string") return dataset;
  const named = isJsonObject(dataset) ? dataset.jsonl ?? dataset.hub : null;
  return typeof named === "string" ? named : null;
}
