import * as messages from "../../../../lib/results/compare/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  unknownMetric: [["scroe", ["score", "ttft_ms"]]],
  noSuchBaseline: [
    ["8", [{ path: "params.batch", values: ["1", "2", "4"] }]],
    ["8", []],
  ],
  nothingVaries: [["batch", ["params.threads"]], ["batch", []]],
  noSuchPath: [["threads"]],
  severalRowsMatch: [["params.batch=1", "results/new"]],
  noSuchRun: [["0003_m_llamacpp_01234567_c1"]],
  severalStudiesHave: [["0003_m_llamacpp_01234567_c1", "base_2026/0003_m_llamacpp_01234567_c1"]],
  tooFewRuns: [[[2, 5]]],
  noRatio: [[]],
  noValue: [["base"], ["other"]],
  noCommonCycle: [[]],
  audited: [["results/s", "audit: neighbours change nothing beyond 1 %"]],
  onCommonBoards: [[1, 0], [1, 6], [4, 1]],
  placesDiffer: [
    ["j_per_output_token", { what: "board", groups: 4, between: 0.0213, within: 0.0031 }],
    ["j_per_output_token", { what: "machine", groups: 2, between: 0.0213, within: null }],
  ],
  unattributable: [[]],
  marginal: [[]],
  otherBoards: [[]],
  tooFewForTail: [["ttft_p99_ms", 368]],
  refusedFor: [["driver", "550.54", "560.35"]],
  otherAnswers: [[]],
  isStillRunning: [["results/new", 4, 10]],
  isIncomplete: [["results/new", 4, 10]],
  resultsMissing: [["results/new", 1], ["results/new", 2]],
  changedWithin: [["driver", ["550.54", "560.35"]]],
  flaggedRuns: [["contended", 1, 15], ["contended", 14, 15]],
  runApart: [
    [{ run_id: "0004_m_vllm_01234567_c2", metric: "ttft_ms", value: 93.21, middle: 41.5, facts: [] }],
    [{
      run_id: "0004_m_vllm_01234567_c2",
      metric: "ttft_ms",
      value: 93.21,
      middle: 41.5,
      facts: ["attempt 2", "contended"],
    }],
  ],
  moreApart: [[1], [4]],
  attemptOf: [[2]],
  serversShared: [[]],
  serverNotOurs: [[]],
  ownVariance: [[["ttft_ms"]], [["j_per_output_token", "ttft_ms"]]],
  drifts: [
    ["output_tokens_per_s", -0.43, 0.0123, "interleaved"],
    ["output_tokens_per_s", 0.43, 0.0123, "sequential"],
    ["output_tokens_per_s", 0.43, 0.0123, "shuffled"],
  ],
});

export default SAMPLES;
