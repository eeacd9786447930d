import { metricDeclaration } from "../../../results/metric_declarations.ts";
import type { StudyTable } from "../../../results/study_table.ts";
import type { Column } from "../table.ts";
import { declaring } from "./field.ts";

/** The metrics of which one of these studies has a number, in the order of their summaries. */
export function metricNames(studies: readonly StudyTable[]): string[] {
  const names = new Set<string>();
  for (const { summary } of studies) {
    for (const { metrics } of summary.rows) {
      for (const [name, spread] of Object.entries(metrics)) if (spread !== null) names.add(name);
    }
  }
  return [...names];
}

/** A name for each of these that no other column of its table has: a worker may call its own metrics as it likes. */
export function uniqueNames(wished: readonly string[], others: readonly Column[]): string[] {
  const taken = new Set(others.map(({ name }) => name));
  return wished.map((wish) => {
    let name = wish;
    while (taken.has(name)) name = `metrics.${name}`;
    taken.add(name);
    return name;
  });
}

const field = declaring<unknown>();

const { definition: OWN_METRIC } = field("", "number", () => null).describe(
  "A number that the worker itself has named.",
);

/** What is known of a metric; one of a worker's own has no unit that llem knows. */
export function metricFacts(name: string): Omit<Column, "name"> {
  const { unit = null, definition = OWN_METRIC } = metricDeclaration(name) ?? {};
  return { type: "number", unit, definition };
}
