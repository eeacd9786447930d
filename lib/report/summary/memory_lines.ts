/** What the memory of a study was for: a line for all rows that had the same parts. */
import { largest, smallest } from "../../base/numbers.ts";
import type { MemoryUse } from "../../results/memory_use.ts";
import type { SummaryRow } from "../../results/summary.ts";
import { variedText } from "../run_name.ts";
import { memoryLine, moreMemory } from "./messages.ts";

/** More different ones are counted. */
const MOST_LINES = 6;

interface Told {
  readonly row: SummaryRow;
  readonly memory: MemoryUse;
}

/** Peaks differ a little from run to run, so rows with the same parts have a line together. */
export function memoryLines(rows: readonly SummaryRow[]): string[] {
  const told = rows.flatMap((row): Told[] => row.memory === undefined ? [] : [{ row, memory: row.memory }]);
  const groups = [
    ...Map.groupBy(told, ({ memory }) => JSON.stringify({ ...memory, peak_bytes: null }))
      .values(),
  ];
  const shown = groups.slice(0, MOST_LINES).map((group) => lineOf(group, groups.length > 1));
  const more = groups.length - shown.length;
  return [...shown, ...more > 0 ? [moreMemory(more)] : []];
}

function lineOf(group: readonly Told[], isNamed: boolean): string {
  const [first] = group;
  if (first === undefined) return "";
  const peaks = group.map(({ memory }) => memory.peak_bytes).filter((peak) => peak !== null);
  const { row, memory } = first;
  return memoryLine({
    of: !isNamed ? null : group.length === 1 ? variedText(row.varied, row.load) : group.length,
    memory,
    peak: peaks.length === 0 ? null : { least: smallest(peaks), most: largest(peaks) },
  });
}
