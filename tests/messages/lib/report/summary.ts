import * as messages from "../../../../lib/report/summary/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const PLUS_MINUS = { plusMinus: "+-", dash: "-" };
const LOAD = { prompts: 8, input_tokens: 128, output_tokens: 64, concurrency: 4, batches: null };

const SAMPLES: SampledMessages = samplesOf(messages, {
  metricHeading: [["output_tokens_per_s"], ["ttft_p99_ms"], ["j_per_output_token"], ["own_metric"]],
  ratioHeading: [["headline"], ["energy"]],
  runCounts: [
    [{ completed: 5, total: 5, failed: 0, contended: 0, client_limited: 0 }],
    [{ completed: 3, total: 5, failed: 2, contended: 1, client_limited: 2 }],
  ],
  ratioWithVerdict: [
    ["1.13x", " [1.04, 1.22]", { verdict: "resolved", n: 5 }],
    ["1.13x", " [0.96, 1.30]", { verdict: "undecided", n: 5 }],
    ["1.13x", " [0.20, 6.40]", { verdict: "too_noisy", n: 5 }],
    ["1.13x", "", { verdict: "too_few", n: 1 }],
    ["1.13x", "", { verdict: "too_few", n: 2 }],
  ],
  energyWithVerdict: [
    ["1.2 +-6.8 %", "marginal", { n: 3, total: 3 }],
    ["1.2 +-6.8 %", "marginal", { n: 2, total: 3 }],
    [null, "unattributable", { n: 0, total: 3 }],
  ],
  severalOf: [[3, "models"], [3, "llem versions"]],
  legendInterval: [[PLUS_MINUS]],
  legendEnergyInterval: [["J/token", PLUS_MINUS]],
  legendRange: [[PLUS_MINUS]],
  legendNoisy: [["~", PLUS_MINUS, "all"], ["~", PLUS_MINUS, "some"], ["~", PLUS_MINUS, "none"]],
  legendLatency: [[["TTFT", "TPOT", "ITL", "E2E"]], [["TTFT"]], [["ITL"]]],
  legendRates: [[]],
  legendRatio: [[true], [false]],
  legendStaticBatch: [[]],
  inputsNote: [["same"], ["different"]],
  noEnergyNote: [["the server at gpu7.example runs on another machine"]],
  legendBest: [["*", "output tok/s", 0], ["*", "output tok/s", 1], ["*", "output tok/s", 2]],
  legendHidden: [[1], [4]],
  outlierNote: [
    ["!", {
      cycle: 3,
      row: "n_threads=4",
      value: "61.2",
      head: "output tok/s",
      facts: ["attempt 2", "contended"],
    }],
    ["!", { cycle: 3, row: "", value: "61.2", head: "output tok/s", facts: [] }],
  ],
  retriedFact: [[2]],
  loadText: [
    [LOAD],
    [{ ...LOAD, batches: "static" }],
    [{ ...LOAD, concurrency: 1 }],
    [{ ...LOAD, input_tokens: null, concurrency: null }],
    [{ ...LOAD, turns: 4, served: "closed 2", concurrency: null }],
    [{ prompts: null, input_tokens: null, output_tokens: null, concurrency: null, batches: null }],
  ],
  parametersText: [[7_615_616_512], [135_000_000], [512]],
});

export default SAMPLES;
