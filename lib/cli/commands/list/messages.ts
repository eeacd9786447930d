/** The texts of `llem list` on the command line. */

export const HELP = {
  about:
    "studies of a folder and of the folders in it, newest first: what was run, what came of it, where it is",
  root: "folder that holds study directories (default: the results folder)",
  json: "print one JSON array",
};
