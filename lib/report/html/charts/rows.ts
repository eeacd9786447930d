import type { StudyTable, TableRun } from "../../../results/study_table.ts";
import { intervalOf } from "../../../results/energy/metric_interval.ts";
import type { SummaryRow } from "../../../results/summary.ts";
import { cell } from "../../../results/varied.ts";
import { variedText } from "../../run_name.ts";

/** An experiment of a page. */
export interface PlotRow {
  /** Which of the tables it is of. */
  readonly study: number;
  readonly row: SummaryRow;
  /** What people call it: the values that tell it from the others, after its study where there are several. */
  readonly name: string;
  readonly hash: string;
}

/** Every experiment of every table, in order. */
export function plotRows(tables: readonly StudyTable[]): PlotRow[] {
  const names = tables.map(({ name, id }) => name ?? id);
  const areTold = new Set(names).size === names.length;
  return tables.flatMap(({ id, summary: { rows } }, study) => {
    const before = tables.length === 1 ? "" : `${areTold ? names[study] : id}: `;
    return rows.map((row): PlotRow => ({
      study,
      row,
      name: before + rowName(row),
      hash: row.config_hash,
    }));
  });
}

function rowName({ varied, model, backend }: SummaryRow): string {
  return variedText(varied) || `${backend} ${model}`;
}

/** Of a table below a plot: the page has one of all experiments. */
export const MOST_TABLE_ROWS = 40;

/** What a run is called in attributes: its place in the order of its study, after that of the study where it is not the first. */
export function runKey({ study, index }: { readonly study: number; readonly index: number }): string {
  return study === 0 ? String(index) : `${study + 1}:${index}`;
}

/** A metric of a run of an experiment. */
export interface RunValue {
  readonly run: TableRun;
  /** As `runKey` makes it. */
  readonly key: string;
  readonly value: number;
  /** Why it may be unlike the others, as codes; empty where nothing is known. */
  readonly marks: readonly string[];
}

/** Prepares the reading of the runs of an experiment, once for a page. */
export function runReader(tables: readonly StudyTable[]): (row: PlotRow, metric: string) => RunValue[] {
  const byKey = new Map(
    tables.flatMap(({ runs }, study) =>
      runs.map((run) => [`${study} ${run.config_hash} ${run.cycle}`, run] as const)
    ),
  );
  return ({ study, row: { config_hash, cycles, values, outliers } }, metric) =>
    cycles.flatMap((cycle, index): RunValue[] => {
      const run = byKey.get(`${study} ${config_hash} ${cycle}`);
      const value = values?.[metric]?.[index] ?? null;
      if (run === undefined || value === null) return [];
      const isOutlier = outliers.some((found) => found.cycle === cycle && found.metric === metric);
      const { flags = [], warnings = [] } = run.summary?.marks ?? {};
      const all = new Set([...isOutlier ? ["outlier"] : [], ...flags, ...warnings]);
      return [{ run, key: runKey({ study, index: run.index }), value, marks: [...all] }];
    });
}

/** A number over its repeats. */
export interface Middle {
  readonly middle: number;
  /** The 95 % interval; null where there is none. */
  readonly low: number | null;
  readonly high: number | null;
}

/** Null where no run has the number. Of energy the interval has the error that all runs on one meter share. */
export function middleOf(
  { metrics, energy }: Pick<SummaryRow, "metrics" | "energy">,
  metric: string,
): Middle | null {
  const spread = metrics[metric] ?? null;
  if (spread === null) return null;
  const { value, low95, high95 } = intervalOf(energy, metric, spread);
  return { middle: value, low: low95, high: high95 };
}

/** A part of the experiments, and how many are not in it. */
export interface Shown {
  readonly rows: readonly PlotRow[];
  readonly left_out: number;
}

/**
 * So many experiments as a plot has room for, in their order: the first of each study, the best, and those that come after it by the
 * metric.
 */
export function shownRows(
  rows: readonly PlotRow[],
  most: number,
  { metric, better }: { readonly metric: string; readonly better: "less" | "more" | null },
): Shown {
  if (rows.length <= most) return { rows, left_out: 0 };
  const sign = better === "less" ? 1 : -1;
  const worth = ({ row }: PlotRow): number => {
    const value = middleOf(row, metric)?.middle;
    return value === undefined ? Infinity : sign * value;
  };
  const firsts = rows.filter(({ study }, index) => study !== rows[index - 1]?.study);
  const best = rows.filter(({ row }) => row.best);
  const others = rows.map((row) => ({ row, value: worth(row) })).sort((a, b) => a.value - b.value || 0);
  const chosen = new Set([...firsts, ...best, ...others.map(({ row }) => row)].slice(0, most));
  // Of the first ones and the best some are among the others, too.
  for (const { row } of others) {
    if (chosen.size >= most) break;
    chosen.add(row);
  }
  return { rows: rows.filter((row) => chosen.has(row)), left_out: rows.length - chosen.size };
}

/** A varied value as a cell of a table has it. */
export function variedCell({ row: { varied } }: PlotRow, path: string): string {
  return cell(varied[path]);
}
