/** Signs that a terminal may not be able to show. */
export interface Signs {
  readonly plusMinus: string;
  /** Between the ends of a range. */
  readonly dash: string;
}

export const ASCII_SIGNS: Signs = { plusMinus: "+-", dash: "-" };
const UNICODE_SIGNS: Signs = { plusMinus: "\u00b1", dash: "\u2013" };

/** By the locale of the environment, as setlocale(3) reads it: UTF-8 has them all. */
export function signsOf(env: Readonly<Record<string, string | undefined>>): Signs {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return /utf-?8/i.test(locale) ? UNICODE_SIGNS : ASCII_SIGNS;
}
