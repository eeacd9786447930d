import { median } from "./median.ts";

/** The journal's times have whole milliseconds: over so many runs that is fine enough. */
const RUNS_PER_SPAN = 20;

/** The median time of a run, taken over spans of runs so that one stall does not count. */
export function medianSpacing(endsMs: readonly number[]): number {
  const span = Math.min(RUNS_PER_SPAN, endsMs.length - 1);
  const spacings: number[] = [];
  for (let at = span; at < endsMs.length; at += span) {
    spacings.push(((endsMs[at] ?? NaN) - (endsMs[at - span] ?? NaN)) / span);
  }
  return median(spacings);
}
