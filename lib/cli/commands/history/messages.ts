/** The texts of `llem history` on the command line. */

export const HELP = {
  about: "one configuration over many studies: is the newest where the earlier ones predict?",
  root: "folder that holds study directories, also of earlier versions (default: the results folder)",
  metric: "metric to follow, with less or more for which way is good: score:more; repeatable " +
    "(default: energy per output token, else output tokens per second)",
  config: "configuration: its hash, or a part of its name (default: those of most studies)",
  last: "only the newest N studies of it (default: 50)",
  gate: "exit 1 if the newest two are both worse than predicted, 3 if studies are too few to tell",
  json: "print one JSON document (llem.history/1)",
  html: "write a page with the plots to this file as well",
  csv: "print comma-separated values, a line for each study",
};

export const HISTORY_EXIT_CODES = `
Exit codes:
  0    there is an answer; with --gate, the newest two studies are not both worse
  1    --gate: the newest two studies are both worse than predicted
  2    invalid arguments, or no study, configuration or metric of that name
  3    --gate: too few studies to tell
  4    the page could not be written`;

export function notANumberOfStudies(text: string): string {
  return `"${text}" is not a number of studies from 1 on.`;
}

export function noStudyIn(root: string): string {
  return `${root} holds no study; name the folder that does: llem history FOLDER`;
}

export function nothingCompleted(root: string): string {
  return `No run completed in the studies of ${root}: there is nothing to follow`;
}

/** `names`: of some that there are. */
export function noSuchConfiguration(asked: string, names: readonly string[], more: number): string {
  const rest = more > 0 ? `; and ${more} more` : "";
  return `No configuration has the hash or the name ${asked}; there are: ${names.join("; ")}${rest}`;
}

export function noSuchMetric(asked: string, names: readonly string[]): string {
  return `No study has the metric ${asked}; there are: ${names.join(", ")}`;
}

export function gateNeedsDirection(metric: string): string {
  return `--gate cannot tell which way ${metric} is good: ask for --metric ${metric}:less or ${metric}:more`;
}
