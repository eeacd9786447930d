/** The texts of `llem report` on the command line. */

export const HELP = {
  about: "one HTML page of a study, for a colleague; of several, one page that compares them with the first",
  dirs: "study directories (default: the newest study in the results folder)",
  output: "file to write, - for stdout (default: report.html in the study directory)",
  baseline: "the experiment that all others are compared with, as VALUE or PATH=VALUE (default: the first)",
  traces: "runs whose power is in the page to be zoomed into: flagged, all or none (default: flagged)",
  open: "open the page in the browser",
};

export function openNeedsFile(): string {
  return "--open needs a file; give -o another name than -";
}

/** `reason`: what the system said. */
export function notOpened(reason: string): string {
  return `the page could not be opened in a browser (${reason}); open the file yourself`;
}

export function noBrowser(): string {
  return "no display, or no xdg-open";
}
