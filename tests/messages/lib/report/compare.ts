import * as messages from "../../../../lib/report/compare/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const METHOD = { design: "paired", pooled: [], adjust: "holm", m: 6, confidence: 0.95 } as const;

const ROWS = { total: 12, other: "new", base: "base", metric: "ttft_ms" } as const;

const SAMPLES: SampledMessages = samplesOf(messages, {
  changeOf: [
    ["j_per_output_token", 0.77, [0.75, 0.79]],
    ["output_tokens_per_s", 1.034, [1.012, 1.057]],
    ["ttft_ms", 4.02, [2.08, 7.76]],
    ["score", 1.2, null],
  ],
  percentText: [[0.04], [1.234], [23.4]],
  rangeOfChange: [[[0.965, 1.072]]],
  marginText: [[0.02], [0.999]],
  changed: [
    [
      "batch=8",
      { verb: "takes", change: "23 % less energy per output token", interval: " [21, 25]" },
      "batch=1",
    ],
    ["batch=8", { verb: "has", change: "4.02 times the median TTFT", interval: "" }, "batch=1"],
  ],
  sameAs: [["batch=8", "batch=1", "ttft_p99_ms", "5 %"]],
  alsoWithin: [["3.2 % less energy per output token [2.7, 3.8]", "5 %"]],
  smallChange: [["batch=8 has 1.2 % lower p99 TTFT than batch=1 [0.8, 1.6]", "5 %"]],
  isUndecided: [["batch=8", "batch=1", "ttft_ms", "[-3.5, +7.2] %"]],
  notCompared: [["batch=8", "batch=1", "ttft_ms", "2 and 5 runs have it; 3 of each are needed"]],
  wouldDecide: [[4, "cycle", 720], [1, "cycle", null], [1, "run", null], [3, "run", null], [999, "cycle", 9]],
  otherMetric: [["ttft_p99_ms", "undecided: 4 more cycles would decide"]],
  shortChange: [[0.77, [0.75, 0.79]], [1.034, null], [4.02, [2.08, 7.76]]],
  shortSame: [["2 %"]],
  shortUndecided: [[""], ["4 more cycles would decide"]],
  shortNotComparable: [[]],
  otherAnswers: [[]],
  noneIsBetter: [["batch=1", "j_per_output_token", "3 worse, 2 undecided"]],
  rowsAre: [
    [{ ...ROWS, count: 1, verdict: "worse", rest: "1 better, 10 undecided" }],
    [{ ...ROWS, count: 2, verdict: "better", rest: "10 the same" }],
    [{ ...ROWS, count: 12, verdict: "different", rest: "" }],
  ],
  allRowsSame: [[12, "new", "base", "ttft_ms", "2 %"]],
  allRowsUndecided: [[12, "new", "base", "ttft_ms"]],
  noneIsWorse: [[12, "new", "base", "ttft_ms", "10 the same, 2 undecided"]],
  largestChange: [["batch=8", "5 % higher [3.1, 7]"]],
  wouldDecideRow: [["4 more cycles would decide", "batch=8"]],
  byOtherMetric: [["ttft_ms", "3 worse, 2 undecided"]],
  verdictCounts: [[[["worse", 3], ["same", 2], ["not_comparable", 1]]]],
  nothingCompared: [[]],
  noneCompleted: [["new", 20]],
  oneRow: [["new"]],
  nothingElseEqual: [["backend"]],
  rowsDoNotMatch: [["base"]],
  methodLine: [
    [METHOD],
    [{ ...METHOD, design: "unpaired", adjust: "none", confidence: 0.999 }],
    [{ ...METHOD, pooled: [["j_per_output_token", 12]], adjust: "bh" }],
    [{ ...METHOD, pooled: [["j_per_output_token", 12], ["ttft_ms", 8]] }],
  ],
  columnsHidden: [[1], [3]],
  reasonLine: [
    ["batch=8, ttft_ms", 0, "2 and 5 runs have it; 3 of each are needed"],
    ["batch=8, ttft_ms", 3, "a value is 0 or less, so there is no ratio"],
  ],
  undeclared: [["kernel", "6.1.0", "6.8.0"]],
  refusedBy: [["driver", "550.54", "560.35"], ["GPU", "GPU-1", "GPU-2"]],
  declaredLine: [[["params.batch", "params.threads"]]],
  outputsLine: [[true], [false]],
  unmatchedLine: [["batch=8", "new"]],
  moreUnmatched: [[12]],
  excludedLine: [["0003_m_llamacpp_01234567_c1", "a backup ran"]],
  withExcluded: [[]],
  nullSentence: [
    [{ alarms: 1, comparisons: 20, unit: "cycles" }],
    [{ alarms: 0, comparisons: 12, unit: "studies" }],
  ],
  nullMetric: [["ttft_ms", 1, "+3.2 %"]],
  changeText: [[1.032]],
  nullTooFew: [[]],
});
export default SAMPLES;
