/** Texts of mistakes about how often a study repeats. A message follows the path of a key. */
import type { IssueText } from "../messages.ts";

function text(message: string, hint: string): IssueText {
  return { message, hint };
}

/** Of `until`; `place` is where n_cycles stands. */
export function cyclesAndUntil(place: string): IssueText {
  return text(
    `cannot stand beside n_cycles (${place}): both set how often a study repeats`,
    "remove one of them",
  );
}

/** Of a limit of a study whose number of cycles is fixed. */
export function needsUntil(): IssueText {
  return text("has no effect without execution.until", "add execution.until: { j_per_output_token: 2% }");
}

export function untilIsEmpty(): IssueText {
  return text("names no metric", "write { j_per_output_token: 2% }");
}

export function tooManyWidths(most: number): string {
  return `has more than ${most} metrics`;
}

/** Of a metric whose name nobody can have meant. */
export function metricTooLong(length: number, most: number): string {
  return `names a metric of ${length} characters; ${most} are the most`;
}

/** What a half width must be. */
export function aWidth(): string {
  return "a half width between 0 and 1, such as 2% or 0.02";
}

/** Of the limit that is given; the first look is at the least number of cycles, and two in a row decide. */
export function cyclesTooFew(
  { least, most, key }: {
    readonly least: number;
    readonly most: number;
    readonly key: "min_cycles" | "max_cycles";
  },
): IssueText {
  const message = key === "max_cycles"
    ? `must be greater than min_cycles (${least}), found ${most}`
    : `must be less than max_cycles (${most}), found ${least}`;
  return text(message, "two looks in a row decide, the first after min_cycles");
}

/** Of the order of a study with until. */
export function sequentialUntil(): IssueText {
  return text(
    "cannot be sequential with execution.until, which adds whole cycles",
    "use interleaved or shuffled",
  );
}

export function untilAndSearch(): IssueText {
  return text("cannot be combined with search", "run the search first, then repeat the load that it finds");
}
