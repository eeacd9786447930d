/** The texts of `llem report` on the command line. */

export const HELP = {
  about: "one HTML page of a study, for a colleague",
  dirs: "study directories (default: the newest study in the results folder)",
  output: "results folder to take the newest study from (default: results)",
  json: "print one JSON document",
};
