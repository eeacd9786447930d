/** The texts of `llem export` on the command line. */

export const HELP = {
  about: "results in the formats of other programs",
  dirs: "study directories (default: the newest study in the results folder)",
  output: "results folder to take the newest study from (default: results)",
  json: "print one JSON document",
};
