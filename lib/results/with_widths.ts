import { largest } from "../base/numbers.ts";
import type { Look } from "../statistics/look.ts";
import { claimedWidth, lookAtWidth, mayStop } from "../statistics/width_rule.ts";
import type { Execution } from "../study/execution.ts";
import type { Summary, SummaryRow } from "./summary.ts";
import type { RowWidth } from "./until_summary.ts";

/** A summary with how well each experiment is known; as it is where the number of cycles is fixed. */
export function withWidths(
  summary: Summary,
  { until, min_cycles, max_cycles }: Pick<Execution, "until" | "min_cycles" | "max_cycles">,
  look: Look | null,
): Summary {
  if (until === null) return summary;
  const rows = summary.rows.map((row) => ({ ...row, until: widthsOf(row, until, min_cycles) }));
  const made = rows.flatMap(({ cycles }) => cycles.slice(-1));
  const n_cycles = largest([summary.n_cycles, look?.cycle ?? 0, ...made]);
  return { ...summary, n_cycles, rows, until: { min_cycles, max_cycles, look } };
}

function widthsOf(
  { values = {} }: SummaryRow,
  targets: Readonly<Record<string, number>>,
  first: number,
): Record<string, RowWidth> {
  return Object.fromEntries(
    Object.entries(targets).map(([metric, target]): [string, RowWidth] => {
      const known = (values[metric] ?? []).filter((value) => value !== null);
      const [before, last] = [known.slice(0, -1), known].map((all) => lookAtWidth(all, target, first));
      const met = mayStop([before?.met ?? false, last?.met ?? false]);
      const width = last === undefined ? null : claimedWidth(last, target);
      return [metric, { target, n: known.length, width, met }];
    }),
  );
}
