/** What the words and numbers of a page mean. */

export function definitionsTitle(): string {
  return "How the numbers were made";
}

/** How numbers were made; the pages of the documentation are named, not linked: a page has no network. */
export const DEFINITIONS = [
  {
    term: "Run and cycle",
    text:
      "A run is one fresh process that loads the model and is measured once. Each cycle runs every setting once. " +
      "Statistics are over runs, never over requests. (docs/reading.md)",
  },
  {
    term: "Interval",
    text: "95 % confidence interval of the mean over the runs (Student's t on logarithms).",
  },
  {
    term: "Ratio",
    text:
      "This setting over the baseline: geometric means, paired by cycle within a study, Welch's t test on logarithms " +
      "between studies. (docs/reading.md, Is it different?)",
  },
  {
    term: "Verdict",
    text:
      "Better or worse: significant at 5 %, after the adjustment for several comparisons, and beyond the margin. Same: the " +
      "90 % interval lies within the margin. Undecided: neither, and more cycles may tell.",
  },
  {
    term: "J/token",
    text:
      "Joules of the whole boards over the measured window, idle draw included, per generated token. Resolved: no known " +
      "reason to doubt it. Marginal: a number with a doubt. Unattributable: no number is given. (docs/energy.md)",
  },
  {
    term: "TTFT, TPOT, ITL, E2E",
    text:
      "Time to first token, time per output token after the first, time between tokens, time of a whole request. p50 and " +
      "p99 are percentiles over the requests of a run (linear interpolation). (docs/output.md)",
  },
  {
    term: "Outlier",
    text:
      "A run whose number lies apart from those of the other cycles (Grubbs' test on logarithms, 5 %). It is marked and " +
      "counts all the same.",
  },
] as const;
