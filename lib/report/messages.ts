/** Texts for people in reports: one function each, nothing else. */

/** The verdict of llem doctor without errors. */
export function studiesCanRun(): string {
  return "Studies can be run here.";
}

/** The verdict where only boards have errors. */
export function studiesCanRunElsewhere(): string {
  return "Studies can be run here, but not on the boards with errors.";
}

/** The verdict where an error concerns every study. */
export function noStudiesCanRun(): string {
  return "Studies cannot be run here until the errors above are fixed.";
}

/** The verdict where errors concern some backends; neither list is empty. */
export function someStudiesCanRun(able: readonly string[], unable: readonly string[]): string {
  return `Studies of ${able.join(", ")} can be run here; those of ${unable.join(", ")} cannot ` +
    "until the errors above are fixed.";
}
