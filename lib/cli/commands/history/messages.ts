/** The texts of `llem history` on the command line. */

export const HELP = {
  about: "one configuration over many studies",
  dirs: "study directories (default: the newest study in the results folder)",
  output: "results folder to take the newest study from (default: results)",
  json: "print one JSON document",
};
