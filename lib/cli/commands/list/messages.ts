/** The texts of `llem list` on the command line. */

export const HELP = {
  about: "studies, newest first",
  dirs: "study directories (default: the newest study in the results folder)",
  output: "results folder to take the newest study from (default: results)",
  json: "print one JSON document",
};
