/** Makes docs/results.md from its template and the declarations. */
import { METRIC_DECLARATIONS } from "../../../lib/results/metric_declarations.ts";
import type { Column } from "../../../lib/report/export/table.ts";
import { EXPERIMENT_FIELDS, STATISTICS } from "../../../lib/report/export/tables/experiments.ts";
import { METRIC_FIELDS } from "../../../lib/report/export/tables/metrics.ts";
import { POWER_COLUMNS } from "../../../lib/report/export/tables/power.ts";
import { REQUEST_FIELDS } from "../../../lib/report/export/tables/requests.ts";
import { RUN_FIELDS } from "../../../lib/report/export/tables/runs.ts";
import { ATTEMPT_FIELDS } from "../../../lib/report/export/tables/shared_fields.ts";
import { type Fields, type Group, isGroup, type Leaf } from "./field.ts";
import { MANIFEST } from "./manifest.ts";
import { REQUEST_LINE } from "./requests.ts";
import { RESULT } from "./result.ts";
import { SPREAD } from "./shared.ts";
import { SUMMARY } from "./summary.ts";

/** Every `<!-- name -->` of the template becomes one of these lists. */
const LISTS: Readonly<Record<string, () => string>> = {
  metrics: () => METRIC_DECLARATIONS.map(metricItem).join("\n"),
  statistics: () => fieldItems(SPREAD),
  "statistics of experiments": () =>
    STATISTICS.map(({ suffix, definition }) => item(`METRIC${suffix}`, [], definition)).join("\n"),
  experiments: () => columnItems(EXPERIMENT_FIELDS),
  runs: () => columnItems(RUN_FIELDS),
  "metrics table": () => columnItems(METRIC_FIELDS),
  requests: () => columnItems([...ATTEMPT_FIELDS, ...REQUEST_FIELDS]),
  power: () => columnItems([...ATTEMPT_FIELDS, ...POWER_COLUMNS]),
  "power.parquet": () => columnItems(POWER_COLUMNS),
  "result.json": () => fileItems(RESULT),
  "summary.json": () => fileItems(SUMMARY),
  "manifest.json": () => fileItems(MANIFEST),
  "requests.jsonl": () => fieldItems(REQUEST_LINE as unknown as Fields),
};

/** The page of a template. */
export function resultsPage(template: string): string {
  return template.replaceAll(/^<!-- ([\w. ]+) -->$/gm, (_, name: string) => {
    const list = LISTS[name];
    if (list === undefined) throw new Error(`Cannot make a list: there is none called ${name}`);
    return list();
  });
}

function metricItem({ name, unit, better, definition }: typeof METRIC_DECLARATIONS[number]): string {
  return item(name, [unit === "1" ? "" : unit, better === null ? "" : `${better} is better`], definition);
}

function columnItems(columns: readonly Column[]): string {
  return columns.map(({ name, type, unit, definition }) => item(name, [type, unit ?? ""], definition)).join("\n");
}

/** First the fields of the file itself, then those of each part under a line of its own. */
function fileItems(file: object): string {
  const fields = Object.entries(file as Fields);
  const parts = fields.filter(([, field]) => isGroup(field));
  const own = fieldItems(Object.fromEntries(fields.filter(([, field]) => !isGroup(field))));
  return [
    own,
    ...parts.map(([name, field]) =>
      isGroup(field) ? `\`${name}\`, ${kindOf(field)}: ${field.text}.\n\n${fieldItems(field.fields)}` : ""
    ),
  ].join("\n\n");
}

function fieldItems(fields: object): string {
  return [...leaves(fields as Fields, "", new Map())].map(({ path, field }) =>
    "same" in field
      ? item(path, [kindOf(field)], `${field.text}; with the fields of \`${field.same}\``)
      : item(path, [kindOf(field), field.kind === "number" || field.kind === "list" ? field.unit ?? "" : ""], field.text)
  ).join("\n");
}

interface Told {
  readonly path: string;
  readonly field: (Leaf | Group<Fields>) & { readonly same?: string; readonly unit?: string | null };
}

/** Dotted paths from there on; what has the fields of another one names it. */
function* leaves(fields: Fields, above: string, known: Map<unknown, string>): Generator<Told> {
  for (const [name, field] of Object.entries(fields)) {
    const path = above + name;
    if (!isGroup(field)) {
      yield { path, field };
      continue;
    }
    const same = known.get(field.fields);
    if (same !== undefined) {
      yield { path, field: { ...field, same } };
      continue;
    }
    known.set(field.fields, path);
    yield { path, field };
    yield* leaves(field.fields, `${path}${field.kind === "objects" ? "[]" : ""}.`, known);
  }
}

function kindOf({ kind }: { readonly kind: string }): string {
  return kind === "objects" ? "list of objects" : kind;
}

function item(name: string, facts: readonly string[], about: string): string {
  const told = facts.filter((fact) => fact !== "").join(", ");
  return `- \`${name}\`${told === "" ? "" : ` (${told})`}: ${about.replace(/\.$/, "")}.`;
}
