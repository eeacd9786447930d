/** The texts of `llem compare` for people. */

/** `settings`: the row's own values, as `n_threads=4`. */
export function comparedSentence(settings: string, metric: string, ratio: number, base: string): string {
  return `${settings}: ${ratio.toFixed(3)} times the ${metric} of ${base}`;
}

export function nothingCompared(): string {
  return "Nothing can be compared.";
}
