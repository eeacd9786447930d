/** The texts of `llem merge` on the command line. */

export const HELP = {
  about:
    "join directories of one study, such as those of llem run --shard, into a new one; they stay as they are",
  dirs: "study directories",
  output: "the new study directory",
};
