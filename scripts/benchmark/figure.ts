/** One number, and what it should be. */
export interface Figure {
  readonly name: string;
  /** Null where it could not be measured; `remark` says why. */
  readonly value: number | null;
  /** What is wanted, for people; null where the number only informs. */
  readonly aim: string | null;
  readonly remark: string;
}

const NAME_WIDTH = 35;
const VALUE_WIDTH = 8;
const AIM_WIDTH = 24;

/** A figure as people read it. */
export function figureLine({ name, value, aim, remark }: Figure): string {
  const cells = [
    name.padEnd(NAME_WIDTH),
    (value === null ? "-" : String(rounded(value))).padStart(VALUE_WIDTH),
    ` ${aim === null ? "" : `aim ${aim}`}`.padEnd(AIM_WIDTH),
  ];
  return `${cells.join(" ")} ${remark}`.trimEnd();
}

/** All figures as one JSON object: name to number, null where not measured. */
export function figuresJson(figures: readonly Figure[]): string {
  return JSON.stringify(
    Object.fromEntries(figures.map(({ name, value }) => [name, value === null ? null : rounded(value)])),
  );
}

/** More digits would be noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
