/** The texts of `llem compare` on the command line. */

export const HELP = {
  about: "whether settings or studies differ, and by how much",
  dirs: "study directories (default: the newest study in the results folder)",
  output: "results folder to take the newest study from (default: results)",
  json: "print one JSON document",
};
