/** The longer texts of `llem --help`. */

export const EXAMPLES = `
Examples:
  llem run -m tiny-random                            the first numbers, nothing to download
  llem run -m model.gguf --prompts 4 --input-len 64,512 --set llamacpp.n_threads=2,4
  llem run study.yaml                                a study: progress on stderr, the table at the end
  llem run study.yaml --json | jq -c 'select(.event == "run_finished") | .metrics'
  llem run study.yaml --resume -q                    from cron: resume the newest, or start a new one
  llem plan study.yaml --set llamacpp.n_threads=4    check it, run nothing
  llem plan study.yaml --explain n                   where a value comes from
  llem show                                          the newest study's table; --csv, --json
  llem show --failed                                 why runs failed, and what to try
  llem meter -- sleep 1                              the energy of a command

Results go to ./results, where -o or output.results_dir of ~/.config/llem/config.yaml names no other folder.`;

export const EXIT_CODES = `
Exit codes:
  0    every run completed, or nothing was left to do
  1    the study ended and at least one run did not complete
  2    wrong arguments or study file
  3    this machine cannot run the study; see llem doctor
  4    a result or the journal could not be saved, or stdout not written
  5    a worker survived SIGKILL
  70   a defect of llem
  75   another process holds the study or device lock
  129, 130, 131, 143   stopped by HUP, INT, QUIT, TERM
  140  ended after the current run, as SIGUSR2 asked`;
