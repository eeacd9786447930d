/** The texts of `llem compare` on the command line. */

export const HELP = {
  about: "whether settings or studies differ, and by how much",
  dirs: "one study, or a baseline study and others (default: the newest study in the results folder)",
  json: "print one JSON document (llem.compare/1)",
  md: "print Markdown, as for a pull request",
  csv: "print comma-separated values",
  out: "file to write, - for stdout (default: stdout)",
  html: "write a page of it as well, as llem report does",
  by: "of several things that vary, compare only rows that differ in nothing but PATH",
  baseline: "row to compare with: VALUE or PATH=VALUE (default: the first row)",
  metric: "metric to compare by, with less or more for which way is good: score:more; repeatable",
  margin: "a change that does not matter: 2% for all metrics, or METRIC=5%; repeatable " +
    "(default: 2%, and 5% for p95 and beyond)",
  margins: "file (YAML or JSON) with one METRIC: 5% a line",
  confidence: "of the intervals, in percent (default: 95)",
  adjust: "p-values for many rows: holm, bh (Benjamini and Hochberg) or none (default: holm)",
  match: "join rows of several studies by the values of these paths, comma-separated",
  acrossBoards: "compare runs of different GPUs; energy then has their sensors' error",
  allow: "compare although this differs, such as driver; repeatable",
  without: "leave a run (RUN, or STUDY/RUN) out; the result with it is shown, too; repeatable",
  null: "false alarms of this machine: compare equal configurations with each other",
  gate: "exit 1 if anything is worse",
  strict: "exit 6 if anything is undecided",
};

export const COMPARE_EXIT_CODES = `
Exit codes:
  0    there is an answer; with --gate, nothing is worse
  1    --gate: something is worse
  2    invalid arguments, or no study
  3    not comparable, or fewer than 3 runs on a side
  4    the output could not be written
  6    --strict: something is undecided`;

export function notAMetric(text: string): string {
  return `"${text}" is not a metric such as ttft_ms, score:less or score:more.`;
}

export function notAMargin(text: string): string {
  return `"${text}" is not a margin such as 2% or ttft_ms=5%.`;
}

export function notAConfidence(text: string): string {
  return `"${text}" is not a confidence from 50 to 99.9 percent, such as 95.`;
}

export function notAnExclusion(text: string): string {
  return `"${text}" is not RUN=reason, such as 0003_m_llamacpp_01234567_c1=backup.`;
}

export function marginsNotRead(path: string, reason: string): string {
  return `Cannot read the margins in ${path}: ${reason}`;
}

export function marginsAreNoMapping(): string {
  return "there must be one METRIC: 5% a line";
}

export function oneStudyOnly(option: string): string {
  return `${option} is for the rows of one study, and several are named`;
}

export function severalStudiesOnly(option: string): string {
  return `${option} joins the rows of several studies, and one is named`;
}

/** `names`: what may be allowed. */
export function nothingToAllow(name: string, names: readonly string[]): string {
  return `--allow ${name}: a comparison is not refused for that; it is for ${names.join(", ")}`;
}
