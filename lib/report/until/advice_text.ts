import { formatDuration } from "../../base/duration.ts";
import { formatNumber, printable } from "../../base/text.ts";
import type { RepeatAdvice } from "../../plan/advice.ts";
import { cyclesAdvised, decidesDifference, givesWidth, windowAdvised } from "./messages.ts";

/** What earlier studies say about repeats, a line each; `cycles` is what the plan has, null where that is open. */
export function adviceLines({ cycles, window }: RepeatAdvice, had: number | null): string[] {
  const percent = (share: number): string => formatNumber(Number((share * 100).toPrecision(2)));
  const lines = cycles.map(({ metric, variation, width, for_width, difference, to_decide, studies }) =>
    cyclesAdvised(
      { metric: printable(metric), variation: percent(variation), studies },
      [
        { cycles: possible(for_width), what: givesWidth(percent(width)) },
        { cycles: possible(to_decide), what: decidesDifference(percent(difference)) },
      ],
      had,
    )
  );
  if (window === null) return lines;
  const { passes, pass_s, best_passes } = window;
  const of = (count: number): { passes: number; seconds: string } => ({
    passes: count,
    seconds: formatDuration(count * pass_s),
  });
  return [...lines, windowAdvised(of(passes), best_passes === null ? null : of(best_passes))];
}

/** More cycles than this are no advice. */
const MOST_CYCLES = 1000;

function possible(cycles: number | null): number | null {
  return cycles === null || cycles > MOST_CYCLES ? null : cycles;
}
