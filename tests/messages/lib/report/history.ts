import * as messages from "../../../../lib/report/history/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const NAME = "org/model, pytorch, batch_size=8";
const OUTSIDE = {
  configuration: NAME,
  metric: "energy per output token",
  value: 0.245,
  expected: { mean: 0.2316, low: 0.2286, high: 0.2346, n: 8 },
};

const SAMPLES: SampledMessages = samplesOf(messages, {
  alarmLine: [[OUTSIDE]],
  improvedLine: [[{ ...OUTSIDE, value: 0.18 }]],
  changedLine: [[{ ...OUTSIDE, metric: "score" }]],
  onceLine: [[OUTSIDE]],
  steadyLine: [[NAME, "energy per output token", 12]],
  tooFewLine: [[NAME, "energy per output token", 1, 8], [NAME, "median TTFT", 7, 8]],
  noValueLine: [[NAME]],
  chartTitle: [[NAME, "J/token"]],
  chartText: [[12, ["2026-01-02", "2026-01-13"], 0], [1, null, 1], [12, ["2026-01-02", "2026-01-13"], 2]],
  pointText: [
    ["nightly_2026-01-09T02-00-00_ewdv", "0.2310 [0.2302, 0.2318]", "", []],
    ["nightly_2026-01-09T02-00-00_ewdv", "0.2450", "worse", [{
      what: "driver",
      before: "550",
      after: "560",
    }]],
  ],
  metricFacts: [["j_per_output_token", "J/token", "less"], ["score", null, "more"], ["score", null, null]],
  onMachine: [["2 x NVIDIA H200, AMD EPYC 9654"]],
  expectedRange: [[0.22860263990549795, 0.234631130451], [1200, 12345.6]],
  valueWithInterval: [[0.231, 0.23021, 0.23182], [1200, null, null]],
  changeNote: [["nightly_2026-01-09T02-00-00_ewdv", "driver", "550.54.15", "560.35.03"]],
  twoGroupsNote: [["energy per output token", [3, 7], 0.2261]],
  moreChanges: [[1], [12]],
  skippedMachine: [[1], [3]],
  skippedContent: [[1], [3]],
  skippedNoRuns: [[1], [3]],
  skippedOlder: [[1], [3]],
  skippedNoValue: [[1, "j_per_output_token"], [3, "score"]],
  missingResults: [[1], [3]],
  skippedDamaged: [[1, "results/a: plan.json is cut off."], [3, "results/a: plan.json is cut off."]],
  onlyNewest: [[5000]],
  otherConfigurations: [[1], [95]],
});
export default SAMPLES;
