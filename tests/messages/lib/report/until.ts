import * as messages from "../../../../lib/report/until/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  mayGrow: [[40]],
  openPlanCounts: [
    [3, { cycles: 6, runs: 18 }, { cycles: 20, runs: 60 }, 0],
    [1, { cycles: 6, runs: 6 }, { cycles: 20, runs: 20 }, 2],
  ],
  untilPlanned: [
    [[{ metric: "j_per_output_token", width: "2" }], { least: 6, budget: null }],
    [[{ metric: "j_per_output_token", width: "2" }, { metric: "score", width: "5" }], {
      least: 6,
      budget: "8h 00m",
    }],
  ],
  cyclesAdvised: [
    [{ metric: "j_per_output_token", variation: "1.2", studies: 3 }, [
      { cycles: 4, what: "give +-2 %" },
      { cycles: 7, what: "decide a difference of 2 %" },
    ], 3],
    [{ metric: "score", variation: "90", studies: 1 }, [
      { cycles: null, what: "give +-2 %" },
      { cycles: null, what: "decide a difference of 2 %" },
    ], null],
  ],
  givesWidth: [["2"]],
  decidesDifference: [["2"]],
  windowAdvised: [
    [{ passes: 4, seconds: "2.0s" }, null],
    [{ passes: 4, seconds: "2.0s" }, { passes: 12, seconds: "6.0s" }],
    [{ passes: 4, seconds: "2.0s" }, { passes: 1, seconds: "500ms" }],
  ],
  metricAtLook: [
    [{ metric: "score", target: "2", met: 3, of: 4 }, { experiment: "threads=4", width: "3.1" }],
    [{ metric: "score", target: "2", met: 1, of: 1 }, null],
    [{ metric: "score", target: "2", met: 0, of: 1 }, { experiment: "", width: "3.1" }],
  ],
  lookGoesOn: [[8, 20, ["score within +-2 % at two looks for 3 of 4 experiments"]]],
  widthsMet: [
    [[{ metric: "j_per_output_token", width: "2" }], 9],
    [[{ metric: "j_per_output_token", width: "2" }, { metric: "score", width: "5" }], 9],
  ],
  widthsNotMet: [["max_cycles", 20, ["a"]], ["time_budget", 12, ["a", "b"]]],
  widthMissed: [
    [{ metric: "j_per_output_token", experiment: "threads=4", width: "3.1", target: "2" }, 14],
    [{ metric: "j_per_output_token", experiment: "", width: "2.1", target: "2" }, 1],
    [{ metric: "j_per_output_token", experiment: "", width: "300", target: "0.01" }, null],
  ],
  widthMetOnce: [
    [{ metric: "score", experiment: "threads=4", target: "5" }],
    [{ metric: "score", experiment: "", target: "5" }],
  ],
  noneLeft: [[6]],
  leftOut: [
    [{ metric: "score", experiment: "threads=4", reason: "failed" }, 0],
    [{ metric: "score", experiment: "", reason: "no_value" }, 2],
    [{ metric: "score", experiment: "threads=4", reason: "not_positive" }, 1],
  ],
});

export default SAMPLES;
